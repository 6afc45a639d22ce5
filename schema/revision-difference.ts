/** What one revision of a service has that another has not. */
import { asId, type RevisionId } from "../server/model/ids.ts";
import { differencesOf, type ComparedRevision, type Difference } from "../server/model/revision-difference.ts";
import { readRevisions, readRevisionsBefore, type RevisionRow } from "../server/store/revisions.ts";
import { builder } from "./builder.ts";
import type { Context } from "./context.ts";
import { Environment } from "./environment.ts";
import { badUserInput } from "./errors.ts";
import { Folder } from "./folder.ts";
import { gatherByParent } from "./gather.ts";
import { ResourceGroup } from "./resource-group.ts";
import { Revision } from "./revision.ts";

export const RevisionDifference = builder.objectRef<Difference>("RevisionDifference").implement({
  fields: (t) => ({
    path: t.exposeString("path", {
      description: "`resources.cpu`, `variables.HF_TOKEN`, `mounts[/data]`, `definition.models[0].service.port`, for example.",
    }),
    before: t.exposeString("before", { nullable: true, description: "For people; null where it was not there." }),
    after: t.exposeString("after", { nullable: true }),
    secret: t.exposeBoolean("secret", { description: "Its value is never shown: only that it changed." }),
  }),
});

const loadBefore = gatherByParent(
  ({ database }, ids: readonly RevisionId[]) => readRevisionsBefore(database, ids),
  (found) => found.of,
);

builder.objectField(Revision, "differences", (t) =>
  t.field({
    type: [RevisionDifference],
    description: "Field by field, from another revision of the service to this one; absent: from the one before, which the first has not.",
    args: { to: t.arg.id({ description: "The other revision." }) },
    resolve: async (revision, { to }, context) => {
      const other =
        typeof to === "string" ? await revisionOf(revision, to, context) : ((await loadBefore(context, revision.id))[0]?.revision ?? null);
      if (other === null) return [];
      const [before, after] = await Promise.all([compared(context, other), compared(context, revision)]);
      return [...differencesOf(before, after)];
    },
  }),
);

async function revisionOf({ serviceId }: RevisionRow, to: string, context: Context): Promise<RevisionRow> {
  const id = asId("revision", to);
  const [found] = id === null ? [] : await readRevisions(context.database, context.viewer.project.id, [id]);
  if (found?.serviceId !== serviceId) throw badUserInput(`There is no revision ${to} of this service.`);
  return found;
}

/** With the names of what it refers to by id. */
export async function compared(context: Context, revision: RevisionRow): Promise<ComparedRevision> {
  const folderOf = (id: RevisionRow["folderId"]) => Folder.getDataloader(context).load(id);
  const [folder, environment, resourceGroup, mounts] = await Promise.all([
    folderOf(revision.folderId),
    Environment.getDataloader(context).load(revision.environmentId),
    ResourceGroup.getDataloader(context).load(revision.resourceGroupId),
    Promise.all(revision.mounts.map(async (mount) => ({ ...mount, folder: await folderOf(mount.folderId) }))),
  ]);
  return { ...revision, folder, environment, resourceGroup, mounts };
}
