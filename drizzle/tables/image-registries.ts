/** Registries of container images that want credentials. They belong to the installation, not to a project. */
import { pgTable, text } from "drizzle-orm/pg-core";
import type { ImageRegistryId } from "../../server/model/ids.ts";
import { createdAt } from "./columns.ts";

export const imageRegistries = pgTable("image_registries", {
  id: text("id").$type<ImageRegistryId>().primaryKey(),
  /** With its port, as image names begin. */
  host: text("host").notNull().unique(),
  username: text("username").notNull(),
  /** Encrypted with SERAI_SECRET. */
  password: text("password").notNull(),
  createdAt: createdAt(),
});
