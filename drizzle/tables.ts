/**
 * What the database holds. Every owned row carries its project and its creator. Rules that must never be broken are
 * checks, unique indexes and foreign keys here, not only code: one live service per name and per address, one live token
 * id, statuses out of their unions.
 *
 * Changes tell who listens by themselves: triggers (migrations/*_notify.sql) send `service:<id>` or `folder:<id>` with
 * NOTIFY when the transaction commits. Leases and gateways are heartbeats and notify nobody.
 */
import { sql } from "drizzle-orm";
import {
  bigint,
  bigserial,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgSequence,
  pgTable,
  text,
  timestamp,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import type {
  EnvironmentId,
  FolderId,
  ProjectId,
  ResourceGroupId,
  RevisionId,
  RouteId,
  ServiceId,
  SessionId,
  TokenId,
  UploadId,
  UserId,
} from "../server/model/ids.ts";
import type { ModelDefinition, ModelService } from "../server/model/model-definition.ts";
import type { Problem } from "../server/model/problem.ts";
import { routeStatuses } from "../server/model/route-status.ts";
import { serviceStatuses, type Failure } from "../server/model/service-status.ts";
import { terminationGraceDefaultSeconds, type ExtraMount, type Resources, type StoredVariable } from "../server/model/service-spec.ts";
import type { StartActionResult } from "../server/model/start-report.ts";

const at = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });
const createdAt = () => at("created_at").notNull().defaultNow();
const oneOf = (values: readonly string[]) => sql.raw(values.map((value) => `'${value}'`).join(", "));

/** One row: which installation this database belongs to. Its id is part of every job's name on Nomad. */
export const installation = pgTable(
  "installation",
  {
    only: boolean("only").primaryKey().default(true),
    id: text("id").notNull(),
    createdAt: createdAt(),
    /** When the first start had made the example and what it runs in. */
    seededAt: at("seeded_at"),
  },
  (table) => [check("installation_only_one", sql`${table.only}`)],
);

/** Advances with every change that notifies: a process that hears nothing while it moves has lost its LISTEN connection. */
export const changeVersion = pgSequence("change_version");

export const projects = pgTable("projects", {
  id: text("id").$type<ProjectId>().primaryKey(),
  name: text("name").notNull().unique(),
  createdAt: createdAt(),
});

export const users = pgTable(
  "users",
  {
    id: text("id").$type<UserId>().primaryKey(),
    name: text("name").notNull().unique(),
    projectId: text("project_id").$type<ProjectId>().notNull().references(() => projects.id),
    role: text("role", { enum: ["ADMIN", "MEMBER"] }).notNull(),
    /** SHA-256 of the API token, hex. */
    tokenHash: text("token_hash").notNull().unique(),
    createdAt: createdAt(),
  },
  (table) => [check("users_role", sql`${table.role} in ('ADMIN', 'MEMBER')`)],
);

const owned = {
  projectId: text("project_id").$type<ProjectId>().notNull().references(() => projects.id),
  createdBy: text("created_by").$type<UserId>().notNull().references(() => users.id),
};

export const folders = pgTable(
  "folders",
  {
    id: text("id").$type<FolderId>().primaryKey(),
    ...owned,
    name: text("name").notNull(),
    usage: text("usage", { enum: ["GENERAL", "MODEL"] }).notNull(),
    /** How sessions may mount it at most. */
    permission: text("permission", { enum: ["READ_WRITE", "READ_ONLY"] }).notNull().default("READ_WRITE"),
    /** Bytes that Serai lets into it; null: as many as the disk takes. */
    quotaBytes: bigint("quota_bytes", { mode: "number" }),
    /** SHA-256 of its definition file when it was last looked at, hex; null where there is none, or nobody looked. */
    definitionHash: text("definition_hash"),
    createdAt: createdAt(),
    /** In the trash since; its name is free. */
    deletedAt: at("deleted_at"),
    /** Its files are gone for good. */
    purgedAt: at("purged_at"),
  },
  (table) => [
    check("folders_permission", sql`${table.permission} in ('READ_WRITE', 'READ_ONLY')`),
    check("folders_quota", sql`${table.quotaBytes} >= 0`),
    check("folders_purged", sql`${table.purgedAt} is null or ${table.deletedAt} is not null`),
    uniqueIndex("folders_name").on(table.projectId, table.name).where(sql`${table.deletedAt} is null`),
    check("folders_usage", sql`${table.usage} in ('GENERAL', 'MODEL')`),
  ],
);

/**
 * Uploads under way (tus), shared by all API processes. How far one has come is the size of its file, never a column. Finished
 * ones stay until they expire, so that a client that lost the last answer learns that it is done.
 */
export const uploads = pgTable(
  "uploads",
  {
    id: text("id").$type<UploadId>().primaryKey(),
    ...owned,
    folderId: text("folder_id").$type<FolderId>().notNull().references(() => folders.id),
    /** Where in the folder it becomes a file. */
    path: text("path").notNull(),
    /** Bytes. */
    size: bigint("size", { mode: "number" }).notNull(),
    /** As the client gave it. */
    metadata: jsonb("metadata").$type<Readonly<Record<string, string | null>>>().notNull(),
    createdAt: createdAt(),
    expiresAt: at("expires_at").notNull(),
    finishedAt: at("finished_at"),
    /** Which request writes to it now, and until when that counts without being renewed. */
    lockHolder: text("lock_holder"),
    lockUntil: at("lock_until"),
    /** Another request waits for the lock: its holder gives up. */
    lockWanted: boolean("lock_wanted").notNull().default(false),
  },
  (table) => [
    index("uploads_folder").on(table.folderId),
    index("uploads_expiry").on(table.expiresAt),
    check("uploads_size", sql`${table.size} >= 0`),
  ],
);

export const resourceGroups = pgTable("resource_groups", {
  id: text("id").$type<ResourceGroupId>().primaryKey(),
  name: text("name").notNull().unique(),
  nodePool: text("node_pool").notNull(),
  createdAt: createdAt(),
});

export const environments = pgTable(
  "environments",
  {
    id: text("id").$type<EnvironmentId>().primaryKey(),
    name: text("name").notNull().unique(),
    kind: text("kind", { enum: ["HOST", "CONTAINER"] }).notNull(),
    image: text("image"),
    /** How a model is served here whose definition has no `service`. */
    defaultService: jsonb("default_service").$type<ModelService>(),
    createdAt: createdAt(),
  },
  (table) => [check("environments_image", sql`(${table.kind} = 'CONTAINER') = (${table.image} is not null)`)],
);

export const services = pgTable(
  "services",
  {
    id: text("id").$type<ServiceId>().primaryKey(),
    ...owned,
    name: text("name").notNull(),
    /** 0 to 63: which lease decides who controls it. */
    shard: integer("shard").notNull(),
    /** Goes up with every change of the wish. */
    generation: integer("generation").notNull().default(1),
    openToPublic: boolean("open_to_public").notNull(),
    desiredRouteCount: integer("desired_route_count").notNull(),
    terminationGraceSeconds: integer("termination_grace_seconds").notNull().default(terminationGraceDefaultSeconds),
    /** The revision that routes should be on. Null only inside the transaction that creates the service. */
    revisionId: text("revision_id").$type<RevisionId>(),
    /** Exactly one of the two: a port of the gateway's range, or a host name. Given at creation, never changed. */
    endpointPort: integer("endpoint_port"),
    endpointHost: text("endpoint_host"),
    endpoint: text("endpoint").notNull(),
    status: text("status", { enum: serviceStatuses }).notNull(),
    statusReason: text("status_reason").notNull(),
    /** The newest failure since it was last HEALTHY that nobody cleared. */
    failure: jsonb("failure").$type<Failure>(),
    createdAt: createdAt(),
    terminatingAt: at("terminating_at"),
    terminatedAt: at("terminated_at"),
  },
  (table) => [
    uniqueIndex("services_name").on(table.projectId, table.name).where(sql`${table.terminatedAt} is null`),
    uniqueIndex("services_endpoint_port").on(table.endpointPort).where(sql`${table.terminatedAt} is null`),
    uniqueIndex("services_endpoint_host").on(table.endpointHost).where(sql`${table.terminatedAt} is null`),
    index("services_live_shard").on(table.shard).where(sql`${table.terminatedAt} is null`),
    index("services_project_created").on(table.projectId, table.createdAt, table.id),
    check("services_one_address", sql`(${table.endpointPort} is null) <> (${table.endpointHost} is null)`),
    check("services_count", sql`${table.desiredRouteCount} between 0 and 1000`),
    check("services_grace", sql`${table.terminationGraceSeconds} between 0 and 86400`),
    check("services_shard", sql`${table.shard} between 0 and 63`),
    check("services_status", sql`${table.status} in (${oneOf(serviceStatuses)})`),
  ],
);

/** Immutable: rows are inserted and read, never updated. */
export const revisions = pgTable(
  "revisions",
  {
    id: text("id").$type<RevisionId>().primaryKey(),
    serviceId: text("service_id").$type<ServiceId>().notNull().references(() => services.id),
    /** 1, 2, 3 … within the service. */
    number: integer("number").notNull(),
    folderId: text("folder_id").$type<FolderId>().notNull().references(() => folders.id),
    environmentId: text("environment_id").$type<EnvironmentId>().notNull().references(() => environments.id),
    resourceGroupId: text("resource_group_id").$type<ResourceGroupId>().notNull().references(() => resourceGroups.id),
    resources: jsonb("resources").$type<Resources>().notNull(),
    /** Folders mounted besides the model's. */
    mounts: jsonb("mounts").$type<readonly ExtraMount[]>().notNull().default([]),
    /** The model's folder is mounted read-only. */
    modelReadOnly: boolean("model_read_only").notNull().default(false),
    variables: jsonb("variables").$type<readonly StoredVariable[]>().notNull().default([]),
    /** The parsed definition, or null and the problems that kept it from being parsed. */
    definition: jsonb("definition").$type<ModelDefinition>(),
    definitionProblems: jsonb("definition_problems").$type<readonly Problem[]>().notNull().default([]),
    /** SHA-256 of the file's bytes, hex; null where there is no file. */
    definitionHash: text("definition_hash"),
    createdBy: text("created_by").$type<UserId>().notNull().references(() => users.id),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex("revisions_number").on(table.serviceId, table.number),
    check("revisions_definition", sql`(${table.definition} is null) = (jsonb_array_length(${table.definitionProblems}) > 0)`),
  ],
);

export const routes = pgTable(
  "routes",
  {
    id: text("id").$type<RouteId>().primaryKey(),
    serviceId: text("service_id").$type<ServiceId>().notNull().references(() => services.id),
    revisionId: text("revision_id").$type<RevisionId>().notNull().references(() => revisions.id),
    /** The session that runs it. A new one only when the old one is gone. */
    sessionId: text("session_id").$type<SessionId>().notNull().unique(),
    status: text("status", { enum: routeStatuses }).notNull(),
    /** One plain sentence, for the page's table. */
    statusReason: text("status_reason").notNull().default(""),
    statusAt: at("status_at").notNull().defaultNow(),
    node: text("node"),
    /** Where requests go; null unless its newest attempt runs. */
    host: text("host"),
    port: integer("port"),
    /** Identity of the scheduler's attempt that host and port belong to. */
    attempt: text("attempt"),
    /** Failed probes in a row. */
    probeFailures: integer("probe_failures").notNull().default(0),
    /** Times that control itself started it anew (it ran, but never became healthy), and when it does so next. */
    restarts: integer("restarts").notNull().default(0),
    /** Control has stopped its session and starts a new one at `retryAt`, when the old one is gone. */
    restarting: boolean("restarting").notNull().default(false),
    retryAt: at("retry_at"),
    /** Somebody asked to leave back-off now. */
    retryNow: boolean("retry_now").notNull().default(false),
    failure: jsonb("failure").$type<Failure>(),
    /** The newest end of an attempt that has been judged: seen again, it is no news, also after its failure was cleared. */
    judgedExitAt: at("judged_exit_at"),
    createdAt: createdAt(),
    terminatedAt: at("terminated_at"),
  },
  (table) => [
    index("routes_live").on(table.serviceId).where(sql`${table.terminatedAt} is null`),
    check("routes_status", sql`${table.status} in (${oneOf(routeStatuses)})`),
    check("routes_terminated", sql`(${table.status} = 'TERMINATED') = (${table.terminatedAt} is not null)`),
    check("routes_healthy_address", sql`${table.status} <> 'HEALTHY' or (${table.host} is not null and ${table.port} is not null)`),
  ],
);

/** The history of routes: rows are inserted, and a repeated one counts up. Nothing is lost on recovery. */
export const routeEvents = pgTable(
  "route_events",
  {
    /** Also the cursor of `routeEvents`. */
    id: bigserial("id", { mode: "number" }).primaryKey(),
    serviceId: text("service_id").$type<ServiceId>().notNull().references(() => services.id),
    routeId: text("route_id").$type<RouteId>().references(() => routes.id),
    at: at("at").notNull().defaultNow(),
    /** STATUS (a transition), or what happened: PLACED STARTED EXITED START_FAILED LOST PROBE TOKEN CLEARED … */
    kind: text("kind").notNull(),
    /** The status after the transition, where kind is STATUS. */
    status: text("status", { enum: routeStatuses }),
    message: text("message").notNull(),
    /** The same whenever the same thing is reported again, so that writing it twice is harmless. */
    key: text("key"),
    repeats: integer("repeats").notNull().default(0),
    lastAt: at("last_at").notNull().defaultNow(),
    /** What a start action did, where kind is ACTION. */
    action: jsonb("action").$type<StartActionResult>(),
    /** The user who did it; null where Serai did. */
    userId: text("user_id").$type<UserId>().references(() => users.id),
  },
  (table) => [
    index("route_events_service").on(table.serviceId, table.id),
    uniqueIndex("route_events_key").on(table.routeId, table.key),
  ],
);

/** The secret is stored nowhere: it is a signed statement of `id`, service and expiry. */
export const tokens = pgTable(
  "tokens",
  {
    id: text("id").$type<TokenId>().primaryKey(),
    serviceId: text("service_id").$type<ServiceId>().notNull().references(() => services.id),
    ...owned,
    name: text("name").notNull(),
    /** Null: never. */
    expiresAt: at("expires_at"),
    createdAt: createdAt(),
    revokedAt: at("revoked_at"),
    lastUsedAt: at("last_used_at"),
  },
  (table) => [index("tokens_service").on(table.serviceId)],
);

/** Keys that sign tokens. The private half is encrypted with SERAI_SECRET. */
export const signingKeys = pgTable("signing_keys", {
  /** The `kid` of tokens signed by it. */
  id: text("id").primaryKey(),
  publicKey: text("public_key").notNull(),
  privateKeyEncrypted: text("private_key_encrypted").notNull(),
  createdAt: createdAt(),
});

/** Who controls which 64th of the services, by the database's clock. */
export const leases = pgTable("leases", {
  shard: integer("shard").primaryKey(),
  holder: text("holder").notNull(),
  epoch: bigint("epoch", { mode: "number" }).notNull(),
  until: at("until").notNull(),
});

/** One row per living gateway process: what it has seen of the routes that are being drained. */
export const gateways = pgTable("gateways", {
  id: text("id").primaryKey(),
  seenAt: at("seen_at").notNull().defaultNow(),
  /** Draining routes that it has taken out of its table and that have nothing in flight there. */
  idleDrainingRoutes: jsonb("idle_draining_routes").$type<readonly RouteId[]>().notNull().default([]),
});
