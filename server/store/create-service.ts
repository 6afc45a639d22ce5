/** Writes the wish for a new service: its row, its address and its first revision, in one transaction. */
import { and, asc, eq, inArray, isNull } from "drizzle-orm";
import { folders } from "../../drizzle/tables/folders.ts";
import { services } from "../../drizzle/tables/services.ts";
import { isUnserved, lacksCommand } from "../model/effective-definition.ts";
import { asId, newId, type EnvironmentId, type FolderId, type ProjectId, type ResourceGroupId, type UserId } from "../model/ids.ts";
import type { DefinitionFile } from "../model/model-definition.ts";
import { collisionsAtMounts, placeMounts, type MountWish, type PlacedMounts } from "../model/mounts.ts";
import { conflict, done, invalid, notFound, type Outcome } from "../model/problem.ts";
import type { Resources, StoredVariable } from "../model/service-spec.ts";
import { inTransaction, violatedConstraint, type Database, type Transaction } from "./database.ts";
import { chooseEndpoint, type EndpointRule } from "./endpoint.ts";
import { livingFolder } from "./folders.ts";
import { definitionColumns, insertRevision, servingEnvironment } from "./revisions.ts";
import { refreshServiceStatus } from "./service-status.ts";
import { shardOf, type ServiceRow } from "./services.ts";

export type NewService = {
  readonly projectId: ProjectId;
  readonly createdBy: UserId;
  readonly name: string;
  readonly folderId: FolderId;
  readonly environmentId: EnvironmentId;
  readonly resourceGroupId: ResourceGroupId;
  readonly openToPublic: boolean;
  readonly desiredRouteCount: number;
  readonly terminationGraceSeconds: number;
  readonly resources: Resources;
  readonly mounts: readonly MountWish[];
  readonly modelReadOnly: boolean;
  readonly variables: readonly StoredVariable[];
};

/** A definition with problems is no obstacle: the service is UNHEALTHY and says what they are. */
export async function createService(
  database: Database,
  wish: NewService,
  rule: EndpointRule,
  definition: DefinitionFile,
): Promise<Outcome<ServiceRow>> {
  try {
    return await inTransaction(database, (tx) => insertService(tx, wish, rule, definition));
  } catch (thrown) {
    const constraint = violatedConstraint(thrown);
    if (constraint === "services_name") return conflict(nameTaken(wish.name));
    if (constraint === "services_endpoint_host") return conflict(`The address that the name ${wish.name} would get belongs to another service.`);
    throw thrown;
  }
}

export const nameTaken = (name: string): string => `There is a service ${name} already.`;

async function insertService(tx: Transaction, wish: NewService, rule: EndpointRule, definition: DefinitionFile): Promise<Outcome<ServiceRow>> {
  // Locked, so that it is not deleted in the meantime; and not for sharing, because the revision writes to it.
  const [folder] = await tx.select().from(folders).where(livingFolder(wish.projectId, wish.folderId)).for("no key update");
  if (folder === undefined) return notFound(`folder ${wish.folderId}`);
  if (folder.usage !== "MODEL") return invalid([{ path: "folderId", message: `must be a folder for models; ${folder.name} is a general one` }]);

  const { mounts, problems } = await lockMounts(tx, wish);
  const environment = await servingEnvironment(tx, wish.environmentId);
  const parsed = definitionColumns(definition, [], environment);
  const misplaced = parsed.definition === null ? problems : [...problems, ...collisionsAtMounts(parsed.definition, mounts)];
  const unserved = isUnserved(parsed.definitionProblems, environment) ? [{ path: "environmentId", message: lacksCommand(environment) }] : [];
  if (misplaced.length + unserved.length > 0) return invalid([...misplaced, ...unserved]);

  const endpoint = await chooseEndpoint(tx, rule, wish.name);
  if (!endpoint.ok) return endpoint;
  const id = newId("service");
  const { folderId, environmentId, resourceGroupId, resources, modelReadOnly, variables, mounts: _asked, ...columns } = wish;
  await tx.insert(services).values({ ...columns, ...endpoint.value, id, shard: shardOf(id), status: "PROVISIONING", statusReason: "" });
  const snapshot = { folderId, environmentId, resourceGroupId, resources, mounts, modelReadOnly, variables };
  await insertRevision(tx, { ...snapshot, serviceId: id, number: 1, createdBy: wish.createdBy }, definition);
  await refreshServiceStatus(tx, id);
  const [row] = await tx.select().from(services).where(eq(services.id, id));
  if (row === undefined) throw new Error("an inserted service cannot be read");
  return done(row);
}

/** The folders besides the model's, locked so that they are not deleted in the meantime. */
async function lockMounts(tx: Transaction, { projectId, mounts }: NewService): Promise<PlacedMounts> {
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
