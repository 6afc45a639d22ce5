/** What users asked for, and what exactly that means. */
import { sql } from "drizzle-orm";
import { boolean, check, customType, index, integer, jsonb, pgTable, primaryKey, real, text, uniqueIndex } from "drizzle-orm/pg-core";
import { clusterModes } from "../../server/model/cluster.ts";
import type { EnvironmentId, FolderId, ProjectId, ResourceGroupId, RevisionId, RolloutId, ServiceId, UserId } from "../../server/model/ids.ts";
import type { ModelDefinition } from "../../server/model/model-definition.ts";
import type { Problem } from "../../server/model/problem.ts";
import { terminationGraceDefaultSeconds, type ExtraMount, type Resources, type StoredVariable } from "../../server/model/service-spec.ts";
import { defaultRolloutPolicy, rolloutKinds, rolloutModes, rolloutStatuses, type RolloutPolicy } from "../../server/model/rollout.ts";
import { defaultTrafficPolicy, type TrafficPolicy } from "../../server/model/traffic-policy.ts";
import { serviceStatuses, type Failure } from "../../server/model/service-status.ts";
import { at, createdAt, oneOf } from "./columns.ts";
import { owned } from "./owned.ts";
import { folders } from "./folders.ts";
import { users } from "./installation.ts";
import { resourceGroups, environments } from "./places.ts";

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
    /** Other names that requests may choose it by. */
    aliases: jsonb("aliases").$type<readonly string[]>().notNull().default([]),
    /** Of web pages that may call it, besides the console's. */
    allowedOrigins: jsonb("allowed_origins").$type<readonly string[]>().notNull().default([]),
    desiredRouteCount: integer("desired_route_count").notNull(),
    terminationGraceSeconds: integer("termination_grace_seconds").notNull().default(terminationGraceDefaultSeconds),
    /** The revision that routes should be on. Null only inside the transaction that creates the service. */
    revisionId: text("revision_id").$type<RevisionId>(),
    /** The newest revision that all desired routes were healthy on: what a rollout that fails goes back to. */
    stableRevisionId: text("stable_revision_id").$type<RevisionId>(),
    /** Routes that were created before are to be replaced, also on the same revision. */
    restartedAt: at("restarted_at"),
    /** How the next rollouts go; those under way have a copy. */
    rolloutPolicy: jsonb("rollout_policy").$type<RolloutPolicy>().notNull().default(defaultRolloutPolicy),
    trafficPolicy: jsonb("traffic_policy").$type<TrafficPolicy>().notNull().default(defaultTrafficPolicy),
    /** How the last rollout ended, where somebody should know; until the next one begins or errors are cleared. */
    notice: text("notice"),
    /** Gateways hold requests until then while no route is healthy: its seat is being handed on. */
    holdUntil: at("hold_until"),
    /** How long its routes took lately from the wish to the first pass, for gateways to say when to come back; null: none has. */
    startSeconds: real("start_seconds"),
    /** Exactly one of the two: a port of the gateway's range, or a host name. Given at creation, never changed. */
    endpointPort: integer("endpoint_port"),
    endpointHost: text("endpoint_host"),
    endpoint: text("endpoint").notNull(),
    /** Why a living gateway cannot serve the address, in one plain sentence; null where every one does. */
    endpointProblem: text("endpoint_problem"),
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

/**
 * What live services are called by, their names and their aliases: no two of a project share one. Written by a trigger on services alone
 * (migrations/*_service_names.sql).
 */
export const serviceNames = pgTable(
  "service_names",
  {
    projectId: text("project_id").$type<ProjectId>().notNull(),
    name: text("name").notNull(),
    serviceId: text("service_id").$type<ServiceId>().notNull().references(() => services.id),
  },
  (table) => [primaryKey({ name: "service_names_name", columns: [table.projectId, table.name] }), index("service_names_service").on(table.serviceId)],
);

type StoredResources = Omit<Resources, "accelerators"> & Partial<Resources>;

/** Those stored before there were accelerators have none; as revisions are immutable, they are read so, not rewritten. */
const resources = customType<{ data: Resources; driverData: string | StoredResources }>({
  dataType: () => "jsonb",
  toDriver: (value) => JSON.stringify(value),
  fromDriver: (stored) => ({ accelerators: [], ...(typeof stored === "string" ? (JSON.parse(stored) as StoredResources) : stored) }),
});

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
    /** In place of the environment's. */
    image: text("image"),
    resourceGroupId: text("resource_group_id").$type<ResourceGroupId>().notNull().references(() => resourceGroups.id),
    resources: resources("resources").notNull(),
    clusterMode: text("cluster_mode", { enum: clusterModes }).notNull().default("SINGLE_NODE"),
    /** Members of a route: each has the resources. */
    clusterSize: integer("cluster_size").notNull().default(1),
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
    check("revisions_cluster_mode", sql`${table.clusterMode} in (${oneOf(clusterModes)})`),
    check("revisions_cluster_size", sql`${table.clusterSize} >= 1`),
    check("revisions_definition", sql`(${table.definition} is null) = (jsonb_array_length(${table.definitionProblems}) > 0)`),
  ],
);

/** The way from one revision (or restart) to another: one live row for each service at most, the ended ones are its history. */
export const rollouts = pgTable(
  "rollouts",
  {
    id: text("id").$type<RolloutId>().primaryKey(),
    serviceId: text("service_id").$type<ServiceId>().notNull().references(() => services.id),
    kind: text("kind", { enum: rolloutKinds }).notNull(),
    /** What to go back to, with `fromRestartedAt`. */
    fromRevisionId: text("from_revision_id").$type<RevisionId>().notNull().references(() => revisions.id),
    fromRestartedAt: at("from_restarted_at"),
    toRevisionId: text("to_revision_id").$type<RevisionId>().notNull().references(() => revisions.id),
    policy: jsonb("policy").$type<RolloutPolicy>().notNull(),
    mode: text("mode", { enum: rolloutModes }).notNull().default("SURGE"),
    status: text("status", { enum: rolloutStatuses }).notNull().default("ROLLING"),
    /** Index into the policy's steps; their number when all are done. */
    step: integer("step").notNull().default(0),
    /** Since when the step's routes are all healthy and have its share of the requests; null before. */
    stepAt: at("step_at"),
    /** Somebody wants it to go on without further waiting. */
    promoted: boolean("promoted").notNull().default(false),
    /** Why it is in place, was reverted or waits: one plain sentence. */
    reason: text("reason").notNull().default(""),
    failure: jsonb("failure").$type<Failure>(),
    createdBy: text("created_by").$type<UserId>().notNull().references(() => users.id),
    createdAt: createdAt(),
    endedAt: at("ended_at"),
  },
  (table) => [
    uniqueIndex("rollouts_live").on(table.serviceId).where(sql`${table.endedAt} is null`),
    index("rollouts_service").on(table.serviceId, table.createdAt),
    check("rollouts_kind", sql`${table.kind} in (${oneOf(rolloutKinds)})`),
    check("rollouts_mode", sql`${table.mode} in (${oneOf(rolloutModes)})`),
    check("rollouts_status", sql`${table.status} in (${oneOf(rolloutStatuses)})`),
    check("rollouts_ended", sql`(${table.status} in ('ROLLING', 'REVERTING')) = (${table.endedAt} is null)`),
  ],
);
