/** Where sessions run, and in what. */
import { sql } from "drizzle-orm";
import { check, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import type { EnvironmentId, ResourceGroupId } from "../../server/model/ids.ts";
import type { ModelService } from "../../server/model/model-definition.ts";
import { createdAt } from "./columns.ts";

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
