/** What a revision is to be made of, checked and locked: the same for the first one of a service and for every later one. */
import { isDeepStrictEqual } from "node:util";
import { and, asc, eq, inArray, isNull } from "drizzle-orm";
import { folders } from "../../drizzle/tables/folders.ts";
import { isUnserved, lacksCommand } from "../model/effective-definition.ts";
import type { ClusterMode } from "../model/cluster.ts";
import { asId, type EnvironmentId, type FolderId, type ProjectId, type ResourceGroupId } from "../model/ids.ts";
import type { DefinitionFile } from "../model/model-definition.ts";
import { collisionsAtMounts, placeMounts, type MountWish, type PlacedMounts } from "../model/mounts.ts";
import { done, invalid, notFound, type Outcome } from "../model/problem.ts";
import type { ExtraMount, Resources, StoredVariable } from "../model/service-spec.ts";
import type { Transaction } from "./database.ts";
import { livingFolder } from "./folders.ts";
import { definitionColumns, servingEnvironment, type RevisionRow, type Snapshot } from "./revisions.ts";

export type RevisionWish = {
  readonly folderId: FolderId;
  readonly environmentId: EnvironmentId;
  /** In place of the environment's; null: that one. */
  readonly image: string | null;
  readonly resourceGroupId: ResourceGroupId;
  readonly resources: Resources;
  readonly clusterMode: ClusterMode;
  readonly clusterSize: number;
  readonly mounts: readonly MountWish[];
  readonly modelReadOnly: boolean;
  readonly variables: readonly StoredVariable[];
};

/** The parts that are not as they were, by their names in the API. A mount without a path is not known to be the same until it has one. */
export const changedParts = (wish: RevisionWish, current: RevisionRow): readonly (keyof RevisionWish)[] =>
  (
    [
      "folderId",
      "environmentId",
      "image",
      "resourceGroupId",
      "resources",
      "clusterMode",
      "clusterSize",
      "mounts",
      "modelReadOnly",
      "variables",
    ] as const
  ).filter((part) => !isDeepStrictEqual(wish[part], current[part]));

/**
 * A definition with problems is no obstacle; one that the rest of the wish does not fit is.
 *
 * @param present mounts that the service has: what was right when they were written is not asked again.
 */
export async function checkRevisionWish(
  tx: Transaction,
  projectId: ProjectId,
  wish: RevisionWish,
  definition: DefinitionFile,
  present: readonly ExtraMount[] = [],
): Promise<Outcome<Snapshot>> {
  // Locked, so that it is not deleted in the meantime; and not for sharing, because the revision writes to it.
  const [folder] = await tx.select().from(folders).where(livingFolder(projectId, wish.folderId)).for("no key update");
  if (folder === undefined) return notFound(`folder ${wish.folderId}`);
  if (folder.usage !== "MODEL") return invalid([{ path: "folderId", message: `must be a folder for models; ${folder.name} is a general one` }]);

  const placed = await lockMounts(tx, projectId, wish.mounts);
  const { mounts, problems } = isDeepStrictEqual(wish.mounts, present) ? { mounts: present, problems: [] } : placed;
  const environment = await servingEnvironment(tx, wish);
  const parsed = definitionColumns(definition, [], environment);
  const misplaced = parsed.definition === null ? problems : [...problems, ...collisionsAtMounts(parsed.definition, mounts)];
  const unserved = isUnserved(parsed.definitionProblems, environment) ? [{ path: "environmentId", message: lacksCommand(environment) }] : [];
  if (misplaced.length + unserved.length > 0) return invalid([...misplaced, ...unserved]);
  const { folderId, environmentId, image, resourceGroupId, resources, clusterMode, clusterSize, modelReadOnly, variables } = wish;
  return done({ folderId, environmentId, image, resourceGroupId, resources, clusterMode, clusterSize, mounts, modelReadOnly, variables });
}

/** The folders besides the model's, locked so that they are not deleted in the meantime. */
async function lockMounts(tx: Transaction, projectId: ProjectId, mounts: readonly MountWish[]): Promise<PlacedMounts> {
  const wanted = mounts.flatMap(({ folderId }) => asId("folder", folderId) ?? []);
  const found =
    wanted.length === 0
      ? []
      : await tx
          .select()
          .from(folders)
          .where(and(eq(folders.projectId, projectId), inArray(folders.id, wanted), isNull(folders.deletedAt)))
          .orderBy(asc(folders.id))
          .for("share");
  return placeMounts(mounts, found);
}
