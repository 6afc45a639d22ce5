/** Which services use a folder: for their model, or mounted besides it. */
import { and, asc, eq, inArray, isNull, or, sql } from "drizzle-orm";
import { revisions, services } from "../../drizzle/tables/services.ts";
import type { FolderId, ProjectId } from "../model/ids.ts";
import type { Database } from "./database.ts";
import type { ServiceRow } from "./services.ts";

/** Of a revision. */
export const usesFolder = (id: FolderId) => or(eq(revisions.folderId, id), sql`${revisions.mounts} @> ${JSON.stringify([{ folderId: id }])}::jsonb`);

export type FolderUse = { readonly folderId: FolderId; readonly service: ServiceRow };

/** Live services whose present revision uses one of them, oldest first. */
export async function readFolderUses(database: Database, projectId: ProjectId, ids: readonly FolderId[]): Promise<FolderUse[]> {
  const rows = await database.db
    .select({ service: services, folderId: revisions.folderId, mounts: revisions.mounts })
    .from(services)
    .innerJoin(revisions, eq(revisions.id, services.revisionId))
    .where(
      and(
        eq(services.projectId, projectId),
        isNull(services.terminatedAt),
        or(
          inArray(revisions.folderId, [...ids]),
          sql`exists (select from jsonb_array_elements(${revisions.mounts}) as mount where mount ->> 'folderId' = any(${sql.param([...ids])}))`,
        ),
      ),
    )
    .orderBy(asc(services.createdAt), asc(services.id));
  return rows.flatMap(({ service, folderId, mounts }) => {
    const used = new Set([folderId, ...mounts.map((mount) => mount.folderId)]);
    return ids.filter((id) => used.has(id)).map((id) => ({ folderId: id, service }));
  });
}
