/**
 * What the database holds. Every owned row carries its project and its creator. Rules that must never be broken are
 * checks, unique indexes and foreign keys here, not only code: one live service per name and per address, one live token
 * id, statuses out of their unions.
 *
 * Changes tell who listens by themselves: triggers (migrations/*_notify.sql) send `service:<id>`, `folder:<id>` or `validation:<id>` with
 * NOTIFY when the transaction commits.
 *
 * installation.ts  whose database, projects, users · places.ts  resource groups, environments · folders.ts  folders, uploads
 * services.ts      services, revisions · validations.ts  trial runs · routes.ts  routes, history · access.ts  tokens, keys
 * processes.ts     leases, controllers, gateways · traffic.ts  requests, minute by minute
 *
 * This file: columns that many tables have.
 */
import { sql } from "drizzle-orm";
import { timestamp } from "drizzle-orm/pg-core";

export const at = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });
export const createdAt = () => at("created_at").notNull().defaultNow();
export const oneOf = (values: readonly string[]) => sql.raw(values.map((value) => `'${value}'`).join(", "));
