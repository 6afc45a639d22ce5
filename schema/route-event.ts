/** The history of a service: one page of it, or as it happens. */
import { asId, type ServiceId } from "../server/model/ids.ts";
import type { FailureReport as FailureReportValue } from "../server/model/service-status.ts";
import { actionOutputBytesMax, type StartActionResult } from "../server/model/start-report.ts";
import { findService } from "../server/store/services.ts";
import { listRouteEvents, type RouteEventRow } from "../server/store/route-events.ts";
import { builder } from "./builder.ts";
import type { Context } from "./context.ts";
import { badUserInput } from "./errors.ts";
import { endable, readThroughOutages } from "./live.ts";
import { numberCursor, keyAt } from "./page.ts";
import { FailureCause, RouteStatus } from "./route.ts";
import { User } from "./user.ts";

const StartAction = builder.objectRef<StartActionResult>("StartAction").implement({
  description: "What one of the definition's `pre_start_actions` did at a start.",
  fields: (t) => ({
    index: t.exposeInt("index", { description: "Its place in `pre_start_actions`, from 0." }),
    action: t.exposeString("action", { description: "`run_command`, for example." }),
    exitCode: t.exposeInt("exitCode", { nullable: true, description: "Null where it was ended from outside." }),
    timedOut: t.exposeBoolean("timedOut", { description: "Its `time_limit` was over." }),
    durationMs: t.exposeInt("durationMs"),
    out: t.exposeString("out", { description: `The end of what it wrote, at most ${actionOutputBytesMax / 1024} KiB.` }),
    err: t.exposeString("err", { description: "The same of its errors." }),
    outCut: t.exposeBoolean("outCut", { description: "It wrote more before; all of it is in the log." }),
    errCut: t.exposeBoolean("errCut"),
  }),
});

export const FailureReport = builder.objectRef<Omit<FailureReportValue, "routeId">>("FailureReport").implement({
  description: "What kept a route (or a validation) from serving, with all that is known of the attempt's end.",
  fields: (t) => ({
    cause: t.expose("cause", { type: FailureCause }),
    message: t.exposeString("message", { description: "One plain sentence that names what happened." }),
    hint: t.exposeString("hint", { nullable: true, description: "What would help, where known." }),
    exitCode: t.exposeInt("exitCode", { nullable: true }),
    signal: t.exposeString("signal", { nullable: true, description: "What ended it, for example SIGKILL." }),
    outputTail: t.exposeString("outputTail", {
      description: "The last 50 lines of its errors (of its output where it wrote none); empty where unknown.",
    }),
    node: t.exposeString("node", { nullable: true, description: "Name of the machine it ran on." }),
  }),
});

export const RouteEvent = builder.objectRef<RouteEventRow>("RouteEvent").implement({
  description:
    "`kind` is STATUS for a transition (then `status` is the new one), else what happened: PLACED, STARTED, ACTION, EXITED, PROBE, TOKEN_CREATED …",
  fields: (t) => ({
    id: t.id({ resolve: (event) => String(event.id) }),
    at: t.expose("at", { type: "DateTime" }),
    routeId: t.exposeID("routeId", { nullable: true }),
    kind: t.exposeString("kind"),
    status: t.expose("status", { type: RouteStatus, nullable: true }),
    message: t.exposeString("message"),
    repeats: t.exposeInt("repeats", { description: "How often the same happened again." }),
    lastAt: t.expose("lastAt", { type: "DateTime", description: "When it happened last." }),
    failure: t.expose("failure", { type: FailureReport, nullable: true, description: "Set where `kind` is FAILURE." }),
    action: t.expose("action", { type: StartAction, nullable: true, description: "Set where `kind` is ACTION." }),
    user: t.field({ type: User, nullable: true, description: "Who did it; null where Serai did.", resolve: (event) => event.userId }),
  }),
});

const RouteEventEdge = builder.edgeObject({
  name: "RouteEventEdge",
  type: RouteEvent,
  fields: (t) => ({ event: t.field({ type: RouteEvent, resolve: (edge) => edge.node }) }),
});

export const RouteEventConnection = builder.connectionObject({ name: "RouteEventConnection", type: RouteEvent }, RouteEventEdge);

const batchSize = 100;

/**
 * Every event after the cursor, in the order of their ids, each once: events of one service become visible in that order (see
 * store/route-events.ts), so reading on from the last one loses none, however many happened between two wakes.
 */
async function* follow(context: Context, serviceId: ServiceId, after: number | null, signal: AbortSignal): AsyncGenerator<RouteEventRow> {
  const { database, changes } = context;
  const wakes = changes.subscribe(signal);
  let last = after;
  async function* unread(): AsyncGenerator<RouteEventRow> {
    for (;;) {
      const window = { after: last, before: null, limit: batchSize, fromEnd: false };
      const events = await readThroughOutages(() => listRouteEvents(database, serviceId, window), context, signal);
      for (const event of events) {
        last = event.id;
        yield event;
      }
      if (events.length < batchSize) return;
    }
  }
  yield* unread();
  for await (const wake of wakes) {
    if (wake === "everything" || wake.has(`service:${serviceId}`)) yield* unread();
  }
}

builder.subscriptionField("routeEvents", (t) =>
  t.field({
    type: RouteEventEdge,
    description: "From the first event, or after the cursor, every event of the service in order.",
    args: { serviceId: t.arg.id({ required: true }), after: t.arg.string() },
    subscribe: async (_root, args, context) => {
      const id = asId("service", args.serviceId);
      const service = id === null ? null : await findService(context.database, context.viewer.project.id, id);
      if (service === null) throw badUserInput(`There is no service ${args.serviceId}.`);
      const after = keyAt("after", args.after, numberCursor);
      return endable((signal) => follow(context, service.id, after, signal));
    },
    resolve: (event) => ({ cursor: numberCursor.encode(event.id), node: event }),
  }),
);
