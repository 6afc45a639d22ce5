/** Whose a row is: what every user's query asks for, and who made it. */
import { text } from "drizzle-orm/pg-core";
import type { ProjectId, UserId } from "../../server/model/ids.ts";
import { projects, users } from "./installation.ts";

export const owned = {
  projectId: text("project_id").$type<ProjectId>().notNull().references(() => projects.id),
  createdBy: text("created_by").$type<UserId>().notNull().references(() => users.id),
};
