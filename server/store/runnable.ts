/** What a snapshot comes to with what it names: where its folders are, and which of them may be written by now. */
import { and, eq, inArray } from "drizzle-orm";
import { folders } from "../../drizzle/tables/folders.ts";
import { clusterOf } from "../model/cluster.ts";
import type { FolderId } from "../model/ids.ts";
import type { ModelDefinition } from "../model/model-definition.ts";
import type { ExtraMount } from "../model/service-spec.ts";
import type { SessionEnvironment } from "../model/session.ts";
import type { RunnableRevision } from "../model/session-of.ts";
import type { Transaction } from "./database.ts";
import type { EnvironmentRow } from "./environments.ts";
import type { Snapshot } from "./revisions.ts";

export type FolderPath = (folderId: FolderId) => string;

export type NamedEnvironment = Pick<EnvironmentRow, "kind" | "image" | "isolated" | "runAs" | "readOnlyRoot">;

type Named = {
  readonly environment: NamedEnvironment;
  readonly group: RunnableRevision["resourceGroup"];
  /** The folders of it that are read-only themselves, the model's among them. */
  readonly readOnly: ReadonlySet<FolderId>;
};

export const runnableOf = (
  snapshot: Omit<Snapshot, "environmentId" | "resourceGroupId"> & { readonly definition: ModelDefinition },
  { environment, group, readOnly }: Named,
  folderPath: FolderPath,
): RunnableRevision => ({
  definition: snapshot.definition,
  environment: environmentOf(environment, snapshot.image),
  resourceGroup: ruleOf(group),
  resources: snapshot.resources,
  cluster: clusterOf(snapshot),
  folderPath: folderPath(snapshot.folderId),
  modelReadOnly: snapshot.modelReadOnly || readOnly.has(snapshot.folderId),
  extraMounts: snapshot.mounts.map((mount) => ({
    source: folderPath(mount.folderId),
    target: mount.path,
    readOnly: mount.readOnly || readOnly.has(mount.folderId),
  })),
  variables: snapshot.variables,
});

/** @param own an image of the user's: what is said of the environment's is not said of it. */
function environmentOf({ kind, image, isolated, runAs, readOnlyRoot }: NamedEnvironment, own: string | null): SessionEnvironment {
  const as = runAs === null ? {} : { runAs };
  if (kind === "HOST") return isolated ? { kind, isolated, ...as } : { kind };
  if (own !== null) return { kind, image: own };
  return { kind, image: image ?? "", ...as, ...(readOnlyRoot ? { readOnlyRoot } : {}) };
}

/** Only what decides where it may run: limits are for those who ask. */
const ruleOf = ({
  id,
  name,
  nodePool,
  datacenters,
  nodeClass,
  constraints,
  wholeCores,
}: RunnableRevision["resourceGroup"]): RunnableRevision["resourceGroup"] => ({
  id,
  name,
  nodePool,
  ...(datacenters === undefined || datacenters.length === 0 ? {} : { datacenters }),
  ...(nodeClass == null ? {} : { nodeClass }),
  ...(constraints === undefined || constraints.length === 0 ? {} : { constraints }),
  ...(wholeCores === true ? { wholeCores } : {}),
});

/** What a folder allows counts at every start, whatever was asked for when the snapshot was written. */
export async function readOnlyFolders(tx: Transaction, folderId: FolderId, mounts: readonly ExtraMount[]): Promise<ReadonlySet<FolderId>> {
  const ids = [folderId, ...mounts.map((mount) => mount.folderId)];
  const found = await tx
    .select({ id: folders.id })
    .from(folders)
    .where(and(inArray(folders.id, ids), eq(folders.permission, "READ_ONLY")));
  return new Set(found.map(({ id }) => id));
}
