/** Writes the wish for a new service: its row, its address and its first revision, in one transaction. */
import { eq } from "drizzle-orm";
import { services } from "../../drizzle/tables/services.ts";
import { newId, type ProjectId, type UserId } from "../model/ids.ts";
import type { DefinitionFile } from "../model/model-definition.ts";
import { conflict, done, type Outcome } from "../model/problem.ts";
import type { RolloutPolicy } from "../model/rollout.ts";
import type { TrafficPolicy } from "../model/traffic-policy.ts";
import { inDryRun, inTransaction, violatedConstraint, type Database, type Transaction } from "./database.ts";
import { chooseEndpoint, type EndpointRule } from "./endpoint.ts";
import { checkRevisionWish, type RevisionWish } from "./revision-wish.ts";
import { insertRevision } from "./revisions.ts";
import { refreshServiceStatus } from "./service-status.ts";
import { nameInUse } from "./service-names.ts";
import { shardOf, type ServiceRow } from "./services.ts";

export type NewService = {
  readonly projectId: ProjectId;
  readonly createdBy: UserId;
  readonly name: string;
  readonly openToPublic: boolean;
  /** Absent: none. */
  readonly aliases?: readonly string[];
  readonly allowedOrigins?: readonly string[];
  readonly desiredRouteCount: number;
  readonly terminationGraceSeconds: number;
  /** Absent: the default. */
  readonly rolloutPolicy?: RolloutPolicy;
  readonly trafficPolicy?: TrafficPolicy;
} & RevisionWish;

/** A definition with problems is no obstacle: the service is UNHEALTHY and says what they are. */
export function createService(database: Database, wish: NewService, rule: EndpointRule, definition: DefinitionFile): Promise<Outcome<ServiceRow>> {
  return orTaken(database, wish, () => inTransaction(database, (tx) => insertService(tx, wish, rule, definition)));
}

/** What would come of it: the same, looked at and undone. */
export function tryCreateService<T>(
  database: Database,
  wish: NewService,
  rule: EndpointRule,
  definition: DefinitionFile,
  look: (tx: Transaction, service: ServiceRow) => Promise<T>,
): Promise<Outcome<T>> {
  return orTaken(database, wish, () =>
    inDryRun(database, async (tx) => {
      const made = await insertService(tx, wish, rule, definition);
      return made.ok ? done(await look(tx, made.value)) : made;
    }),
  );
}

async function orTaken<T>(database: Database, wish: NewService, write: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  try {
    return await write();
  } catch (thrown) {
    const constraint = violatedConstraint(thrown);
    if (constraint === "services_name") return conflict(nameTaken(wish.name));
    if (constraint === "service_names_name") return nameInUse(database, wish.projectId, [wish.name, ...(wish.aliases ?? [])], null);
    if (constraint === "services_endpoint_host") return conflict(`The address that the name ${wish.name} would get belongs to another service.`);
    throw thrown;
  }
}

export const nameTaken = (name: string): string => `There is a service ${name} already.`;

async function insertService(tx: Transaction, wish: NewService, rule: EndpointRule, definition: DefinitionFile): Promise<Outcome<ServiceRow>> {
  const snapshot = await checkRevisionWish(tx, wish.projectId, wish, definition);
  if (!snapshot.ok) return snapshot;
  const endpoint = await chooseEndpoint(tx, rule, wish.name);
  if (!endpoint.ok) return endpoint;
  const id = newId("service");
  const { projectId, createdBy, name, openToPublic, aliases, allowedOrigins, desiredRouteCount, terminationGraceSeconds } = wish;
  const { rolloutPolicy, trafficPolicy } = wish;
  const ofService = { name, openToPublic, aliases, allowedOrigins, desiredRouteCount, terminationGraceSeconds, rolloutPolicy, trafficPolicy };
  const columns = { projectId, createdBy, ...ofService };
  await tx.insert(services).values({ ...columns, ...endpoint.value, id, shard: shardOf(id), status: "PROVISIONING", statusReason: "" });
  await insertRevision(tx, { ...snapshot.value, serviceId: id, createdBy }, definition);
  await refreshServiceStatus(tx, id);
  const [row] = await tx.select().from(services).where(eq(services.id, id));
  if (row === undefined) throw new Error("an inserted service cannot be read");
  return done(row);
}
