/** What runs for a service, and what has happened. */
import { sql } from "drizzle-orm";
import { bigserial, boolean, check, index, integer, jsonb, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import type { RevisionId, RouteId, ServiceId, SessionId, UserId } from "../../server/model/ids.ts";
import { routeStatuses } from "../../server/model/route-status.ts";
import type { Failure, FailureReport } from "../../server/model/service-status.ts";
import type { StartActionResult } from "../../server/model/start-report.ts";
import { at, createdAt, oneOf } from "./columns.ts";
import { users } from "./installation.ts";
import { services, revisions } from "./services.ts";

export const routes = pgTable(
  "routes",
  {
    id: text("id").$type<RouteId>().primaryKey(),
    serviceId: text("service_id").$type<ServiceId>().notNull().references(() => services.id),
    revisionId: text("revision_id").$type<RevisionId>().notNull().references(() => revisions.id),
    /** The session that runs it. A new one only when the old one is gone. */
    sessionId: text("session_id").$type<SessionId>().notNull().unique(),
    /** Those that ran it before, the last of them, oldest first: what they wrote is part of its log. */
    earlierSessions: text("earlier_sessions").array().$type<SessionId[]>().notNull().default([]),
    status: text("status", { enum: routeStatuses }).notNull(),
    /** One plain sentence, for the page's table. */
    statusReason: text("status_reason").notNull().default(""),
    statusAt: at("status_at").notNull().defaultNow(),
    node: text("node"),
    /** Names need not be unique. Null also of what was placed before there was this column, until it is observed again. */
    nodeId: text("node_id"),
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
    /** How often it has failed, for reasons of its own: a machine that was lost does not count. */
    failures: integer("failures").notNull().default(0),
    /** The route whose seat it takes over. */
    predecessorId: text("predecessor_id").$type<RouteId>(),
    /** The newest end of an attempt that has been judged: seen again, it is no news, also after its failure was cleared. */
    judgedExitAt: at("judged_exit_at"),
    createdAt: createdAt(),
    terminatedAt: at("terminated_at"),
  },
  (table) => [
    index("routes_live").on(table.serviceId).where(sql`${table.terminatedAt} is null`),
    index("routes_ended").on(table.serviceId, table.terminatedAt, table.id).where(sql`${table.terminatedAt} is not null`),
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
    /** STATUS (a transition), or what happened: PLACED STARTED EXITED START_FAILED LOST PROBE TOKEN CLEARED FAILURE ROLLOUT … */
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
    /** What kept a route from serving, where kind is FAILURE. */
    failure: jsonb("failure").$type<FailureReport>(),
    /** The user who did it; null where Serai did. */
    userId: text("user_id").$type<UserId>().references(() => users.id),
  },
  (table) => [
    index("route_events_service").on(table.serviceId, table.id),
    index("route_events_errors").on(table.serviceId, table.id).where(sql`${table.kind} in ('FAILURE', 'CLEARED')`),
    uniqueIndex("route_events_key").on(table.routeId, table.key),
  ],
);
