/** Which processes of Serai there are, and who of them does what: heartbeats, which notify nobody. */
import { bigint, integer, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import type { RouteId, TokenId } from "../../server/model/ids.ts";
import type { TokenUse } from "../../server/model/token-limits.ts";
import { at } from "./columns.ts";

/** Who controls which 64th of the services, by the database's clock. */
export const leases = pgTable("leases", {
  shard: integer("shard").primaryKey(),
  holder: text("holder").notNull(),
  epoch: bigint("epoch", { mode: "number" }).notNull(),
  until: at("until").notNull(),
});

/** One row per process with the role `control`: the living ones share the leases. By the database's clock, as long as a lease. */
export const controllers = pgTable("controllers", {
  holder: text("holder").primaryKey(),
  until: at("until").notNull(),
});

export type TakenPort = { readonly port: number; readonly reason: string };

/** One row per living gateway process: what it has seen of the routes that are being drained. */
export const gateways = pgTable("gateways", {
  id: text("id").primaryKey(),
  seenAt: at("seen_at").notNull().defaultNow(),
  /** Draining routes that it has taken out of its table and that have nothing in flight there. */
  idleDrainingRoutes: jsonb("idle_draining_routes").$type<readonly RouteId[]>().notNull().default([]),
  /** Permanent ports that it cannot open, and why: one plain sentence each. */
  takenPorts: jsonb("taken_ports").$type<readonly TakenPort[]>().notNull().default([]),
  /** What tokens that have limits have asked of it. */
  tokenUse: jsonb("token_use").$type<Readonly<Record<TokenId, TokenUse>>>().notNull().default({}),
});
