/** Trial runs: one session of what a service would run, outside of every service. */
import { sql } from "drizzle-orm";
import { boolean, check, index, integer, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { clusterModes } from "../../server/model/cluster.ts";
import type { EnvironmentId, FolderId, ResourceGroupId, ServiceId, SessionId, ValidationId } from "../../server/model/ids.ts";
import type { ModelDefinition } from "../../server/model/model-definition.ts";
import type { Problem } from "../../server/model/problem.ts";
import type { ExtraMount, Resources, StoredVariable } from "../../server/model/service-spec.ts";
import { validationStatuses, validationVerdicts, type StoredLaunchEvent, type ValidationFailure } from "../../server/model/validation.ts";
import { at, createdAt, oneOf } from "./columns.ts";
import { folders } from "./folders.ts";
import { owned } from "./owned.ts";
import { environments, resourceGroups } from "./places.ts";
import { services } from "./services.ts";

export const validations = pgTable(
  "validations",
  {
    id: text("id").$type<ValidationId>().primaryKey(),
    ...owned,
    /** What the service would be called; null where nobody has said it yet. */
    name: text("name"),
    /** The service whose modification it tries; null: a new one. */
    serviceId: text("service_id").$type<ServiceId>().references(() => services.id),
    /** 0 to 63: which lease decides who controls it. */
    shard: integer("shard").notNull(),
    // The snapshot, as of a revision. Never updated.
    folderId: text("folder_id").$type<FolderId>().notNull().references(() => folders.id),
    environmentId: text("environment_id").$type<EnvironmentId>().notNull().references(() => environments.id),
    image: text("image"),
    resourceGroupId: text("resource_group_id").$type<ResourceGroupId>().notNull().references(() => resourceGroups.id),
    resources: jsonb("resources").$type<Resources>().notNull(),
    clusterMode: text("cluster_mode", { enum: clusterModes }).notNull().default("SINGLE_NODE"),
    clusterSize: integer("cluster_size").notNull().default(1),
    mounts: jsonb("mounts").$type<readonly ExtraMount[]>().notNull(),
    modelReadOnly: boolean("model_read_only").notNull(),
    variables: jsonb("variables").$type<readonly StoredVariable[]>().notNull(),
    definition: jsonb("definition").$type<ModelDefinition>(),
    definitionProblems: jsonb("definition_problems").$type<readonly Problem[]>().notNull(),
    definitionHash: text("definition_hash"),
    timeLimitSeconds: integer("time_limit_seconds").notNull(),
    sessionId: text("session_id").$type<SessionId>().notNull().unique(),
    status: text("status", { enum: validationStatuses }).notNull(),
    /** What it ends in; set from CLEANING_UP on. */
    verdict: text("verdict", { enum: validationVerdicts }),
    /** One plain sentence. */
    statusReason: text("status_reason").notNull(),
    /** Somebody wants it to end. */
    cancellingAt: at("cancelling_at"),
    node: text("node"),
    /** The scheduler's newest attempt that was seen. */
    attempt: text("attempt"),
    /** What is known of its start, oldest first: launch-timeline.ts makes the phases of it. */
    launchEvents: jsonb("launch_events").$type<readonly StoredLaunchEvent[]>().notNull().default([]),
    failure: jsonb("failure").$type<ValidationFailure>(),
    createdAt: createdAt(),
    /** Nothing of its session is left since. */
    endedAt: at("ended_at"),
  },
  (table) => [
    index("validations_live").on(table.shard).where(sql`${table.endedAt} is null`),
    index("validations_ended").on(table.endedAt),
    index("validations_project_created").on(table.projectId, table.createdAt, table.id),
    check("validations_shard", sql`${table.shard} between 0 and 63`),
    check("validations_time_limit", sql`${table.timeLimitSeconds} between 1 and 86400`),
    check("validations_status", sql`${table.status} in (${oneOf(validationStatuses)})`),
    check("validations_verdict", sql`(${table.verdict} is null) = (${table.status} in ('PENDING', 'RUNNING'))`),
    check("validations_final", sql`${table.status} in ('PENDING', 'RUNNING', 'CLEANING_UP') or ${table.status} = ${table.verdict}`),
    check("validations_ended", sql`(${table.status} in ('PENDING', 'RUNNING', 'CLEANING_UP')) = (${table.endedAt} is null)`),
    check("validations_failure", sql`(${table.failure} is not null) = (coalesce(${table.verdict}, '') = 'FAILED')`),
  ],
);
