/** Where sessions run, and in what. */
import { sql } from "drizzle-orm";
import { boolean, check, jsonb, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import type { Constraint } from "../../server/model/constraint.ts";
import type { EnvironmentId, ResourceGroupId, UserId } from "../../server/model/ids.ts";
import type { ModelService } from "../../server/model/model-definition.ts";
import { noNeeds, type EnvironmentNeeds } from "../../server/model/environment.ts";
import { nodeWishes as wishes } from "../../server/model/node-wish.ts";
import { noLimits, type RouteLimits } from "../../server/model/resource-group.ts";
import { defaultResources, type Resources } from "../../server/model/service-spec.ts";
import { at, createdAt, oneOf } from "./columns.ts";
import { users } from "./installation.ts";

/** Rules, not machines: which ones they take in is read from the scheduler whenever it is asked. */
export const resourceGroups = pgTable(
  "resource_groups",
  {
    id: text("id").$type<ResourceGroupId>().primaryKey(),
    name: text("name").notNull(),
    nodePool: text("node_pool").notNull(),
    /** Names in which `*` stands for anything; none: all. */
    datacenters: jsonb("datacenters").$type<readonly string[]>().notNull().default([]),
    nodeClass: text("node_class"),
    constraints: jsonb("constraints").$type<readonly Constraint[]>().notNull().default([]),
    /** Sessions that ask for whole cores get them for themselves. */
    wholeCores: boolean("whole_cores").notNull().default(false),
    /** Null: all. */
    environmentIds: jsonb("environment_ids").$type<readonly EnvironmentId[]>(),
    /** For each route. */
    limits: jsonb("limits").$type<RouteLimits>().notNull().default(noLimits),
    /** Null: all that its machines have. */
    acceleratorNames: jsonb("accelerator_names").$type<readonly string[]>(),
    /** Services may name an image of their own in place of the environment's. */
    ownImages: boolean("own_images").notNull().default(false),
    createdAt: createdAt(),
    /** Revisions of services that have ended still name it. */
    deletedAt: at("deleted_at"),
  },
  (table) => [uniqueIndex("resource_groups_name").on(table.name).where(sql`${table.deletedAt} is null`)],
);

/** Versions of what sessions run in. What a revision needs of one it has a copy of, but for the image and how it is run: they change only while none names it. */
export const environments = pgTable(
  "environments",
  {
    id: text("id").$type<EnvironmentId>().primaryKey(),
    /** `vLLM`: versions of the same stand together. */
    runtime: text("runtime").notNull(),
    /** Empty where there is only one. */
    version: text("version").notNull().default(""),
    name: text("name").notNull().generatedAlwaysAs(sql`trim(runtime || ' ' || version)`),
    kind: text("kind", { enum: ["HOST", "CONTAINER"] }).notNull(),
    image: text("image"),
    /** Of a host's own programs. */
    isolated: boolean("isolated").notNull().default(false),
    /** A user, or user:group. */
    runAs: text("run_as"),
    /** Of an image. */
    readOnlyRoot: boolean("read_only_root").notNull().default(false),
    /** How a model is served here whose definition has no `service`, or that has none. */
    defaultService: jsonb("default_service").$type<ModelService>(),
    /** What a route must be given at least. */
    needs: jsonb("needs").$type<EnvironmentNeeds>().notNull().default(noNeeds),
    /** What a route is given where nothing is said. */
    usualResources: jsonb("usual_resources").$type<Resources>().notNull().default(defaultResources),
    /** What a service gets that names none. */
    isDefault: boolean("is_default").notNull().default(false),
    /** Which of those that Serai brings along it is, whatever became of it since: so that it is made once. */
    seed: text("seed").unique(),
    createdAt: createdAt(),
    /** Revisions go on naming it. */
    deletedAt: at("deleted_at"),
  },
  (table) => [
    check("environments_image", sql`(${table.kind} = 'CONTAINER') = (${table.image} is not null)`),
    uniqueIndex("environments_name").on(table.name).where(sql`${table.deletedAt} is null`),
    uniqueIndex("environments_default").on(table.isDefault).where(sql`${table.isDefault}`),
  ],
);

/** What administrators wish of machines. All else that there is to know of them, the scheduler has. */
export const nodeWishes = pgTable(
  "node_wishes",
  {
    nodeId: text("node_id").primaryKey(),
    /** As it was called when the wish was made. */
    nodeName: text("node_name").notNull(),
    wish: text("wish", { enum: wishes }).notNull(),
    userId: text("user_id").$type<UserId>().notNull().references(() => users.id),
    createdAt: createdAt(),
    /** When the scheduler had been told: routes leave a machine only when nothing new can be placed on it. */
    appliedAt: at("applied_at"),
    /** Why it could not be told. */
    problem: text("problem"),
  },
  (table) => [check("node_wishes_wish", sql`${table.wish} in (${oneOf(wishes)})`)],
);
