/** What gateways have counted of requests, minute by minute. */
import { bigint, index, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import type { GatewayId, RouteId, ServiceId, TokenId } from "../../server/model/ids.ts";
import { at } from "./columns.ts";

/**
 * Each gateway has rows of its own and tells what it has counted in the minute so far, so telling again counts nothing twice, and the sum over
 * gateways is what all have counted. Nothing refers to other tables: what was counted is never refused, and goes by its age alone.
 */
export const traffic = pgTable(
  "traffic",
  {
    serviceId: text("service_id").$type<ServiceId>().notNull(),
    /** The minute's beginning, by the gateway's clock. After two days the hour's. */
    at: at("at").notNull(),
    /** The route that answered; the service, where none did. Under a token's id stands once more what was let in by it. */
    subject: text("subject").$type<ServiceId | RouteId | TokenId>().notNull(),
    /** Empty where an hour of all gateways is counted together. */
    gatewayId: text("gateway_id").$type<GatewayId | "">().notNull(),
    /** Each at its place (model/traffic.ts). */
    counts: bigint("counts", { mode: "number" }).array().notNull(),
    /** Requests in flight when it was written. */
    inFlight: integer("in_flight").notNull(),
    writtenAt: at("written_at").notNull().defaultNow(),
    /** Goes up with every write of the gateway: one that arrives late undoes nothing. */
    turn: integer("turn").notNull(),
  },
  (table) => [primaryKey({ columns: [table.serviceId, table.at, table.subject, table.gatewayId] }), index("traffic_at").using("brin", table.at)],
);
