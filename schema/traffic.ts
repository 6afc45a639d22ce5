/** What the gateways have counted of a service's requests, in steps, and present figures. */
import { asId, type RevisionId, type RouteId } from "../server/model/ids.ts";
import { noCounts, outcomePlace, percentileMs, place, requestsIn } from "../server/model/traffic.ts";
import { stepsBetween, type Steps } from "../server/model/traffic-steps.ts";
import { readInFlight, readTraffic, type TrafficSum } from "../server/store/traffic.ts";
import { builder } from "./builder.ts";
import { badUserInput } from "./errors.ts";
import { Revision } from "./revision.ts";
import { Service } from "./service.ts";

type Point = { readonly at: Date; readonly seconds: number; readonly counts: ArrayLike<number> };
type Series = { readonly id: RevisionId | RouteId | null; readonly points: readonly Point[]; readonly requests: number };
type Traffic = { readonly steps: Steps; readonly series: readonly Series[]; readonly omitted: number; readonly inFlight: number };

/** Gateways tell what they have counted every 5 s. */
const toldAfterMs = 6000;
/** Of less the rates would say nothing. */
const shownMsMin = 10_000;
const seriesMax = 20;
const daysMax = 1000;
const dayMs = 86_400_000;
const nothing = noCounts();

const TrafficPoint = builder.objectRef<Point>("TrafficPoint").implement({
  description: "Times are in milliseconds, as percentiles over all gateways, and null where there was nothing to measure.",
  fields: (t) => {
    const count = (description: string, of: (counts: ArrayLike<number>) => number) => t.float({ description, resolve: ({ counts }) => of(counts) });
    const at = (what: number) => (counts: ArrayLike<number>) => counts[what] ?? 0;
    const percentile = (histogram: number, share: number) =>
      t.float({ nullable: true, resolve: ({ counts }) => percentileMs(counts, histogram, share) });
    return {
      at: t.expose("at", { type: "DateTime", description: "The beginning of the step." }),
      seconds: t.exposeFloat("seconds", { description: "How much of the step is known: what rates are over." }),
      requests: count("That have ended.", requestsIn),
      clientErrors: count("Answered with 4xx.", at(outcomePlace("4xx"))),
      serverErrors: count(
        "Answered with 5xx, or broken off by the route within the answer.",
        (counts) => at(outcomePlace("5xx"))(counts) + at(outcomePlace("broken"))(counts),
      ),
      gone: count("Whose client left before an answer.", at(outcomePlace("gone"))),
      held: count("That waited for a route.", at(place.held)),
      retries: count("Times that a request was sent again to another route.", at(place.retries)),
      bytesIn: count("Of bodies.", at(place.bytesIn)),
      bytesOut: count("Of bodies.", at(place.bytesOut)),
      inFlight: t.float({
        description: "Requests in flight, on average.",
        resolve: ({ counts, seconds }) => (counts[place.inFlightMs] ?? 0) / (1000 * seconds),
      }),
      latencyP50: percentile(place.latency, 0.5),
      latencyP95: percentile(place.latency, 0.95),
      latencyP99: percentile(place.latency, 0.99),
      firstByteP50: percentile(place.firstByte, 0.5),
      firstByteP95: percentile(place.firstByte, 0.95),
      firstByteP99: percentile(place.firstByte, 0.99),
    };
  },
});

const TrafficSeries = builder.objectRef<Series>("TrafficSeries").implement({
  fields: (t) => ({
    id: t.exposeID("id", {
      nullable: true,
      description: "Of the revision or route; null for the whole service, and for what no route has answered.",
    }),
    revision: t.field({ type: Revision, nullable: true, resolve: ({ id }) => (id === null ? null : asId("revision", id)) }),
    requests: t.exposeFloat("requests", { description: "Over all steps." }),
    points: t.field({
      type: [TrafficPoint],
      description: "One for each step, oldest first; the running one when 10 s of it are known.",
      resolve: ({ points }) => [...points],
    }),
  }),
});

const TrafficType = builder.objectRef<Traffic>("Traffic").implement({
  fields: (t) => ({
    stepSeconds: t.int({ description: "From a minute to weeks: at most 121 steps.", resolve: ({ steps }) => steps.stepSeconds }),
    series: t.field({ type: [TrafficSeries], description: `At most ${seriesMax}, the busiest first.`, resolve: ({ series }) => [...series] }),
    omitted: t.exposeInt("omitted", { description: "How many more series there would be." }),
    inFlight: t.exposeInt("inFlight", { description: "Requests in flight now, at all gateways, a few seconds late." }),
  }),
});

const TrafficBy = builder.enumType("TrafficBy", { values: ["SERVICE", "REVISION", "ROUTE"] as const });

builder.objectField(Service, "traffic", (t) =>
  t.field({
    type: TrafficType,
    description:
      "Requests as the gateways have counted them, a few seconds late. By ROUTE and REVISION those that no route answered have a series of their own.",
    args: {
      from: t.arg({ type: "DateTime", description: "Absent: an hour before `to`. Taken back to the beginning of its step." }),
      to: t.arg({ type: "DateTime", description: "Absent: now." }),
      by: t.arg({ type: TrafficBy, required: true, defaultValue: "SERVICE" }),
    },
    resolve: async ({ id }, { from, to, by }, { database }) => {
      const now = new Date();
      const end = to ?? now;
      const begin = from ?? new Date(end.getTime() - 3_600_000);
      if (begin >= end) throw badUserInput("from must be before to.");
      if (end.getTime() - begin.getTime() > daysMax * dayMs) throw badUserInput(`from and to must be at most ${daysMax} days apart.`);
      const steps = stepsBetween(begin, end, now);
      const [sums, inFlight] = await Promise.all([readTraffic(database, id, { ...steps, by }), readInFlight(database, id)]);
      const series = seriesOf(sums, steps, now.getTime(), by === "SERVICE");
      return { steps, series: series.slice(0, seriesMax), omitted: Math.max(0, series.length - seriesMax), inFlight };
    },
  }),
);

/** The whole service has its series also where it had no request. A step that has just begun is not shown yet. */
function seriesOf(sums: readonly TrafficSum[], { starts, stepSeconds, to }: Steps, nowMs: number, isWhole: boolean): readonly Series[] {
  const toldMs = Math.max(nowMs - toldAfterMs, ...sums.map(({ writtenAt }) => Math.min(nowMs, writtenAt.getTime())));
  const secondsOf = (at: Date) => Math.min(stepSeconds, (Math.min(to.getTime(), toldMs) - at.getTime()) / 1000);
  const shown = starts.map((at) => ({ at, seconds: secondsOf(at) })).filter(({ seconds }) => seconds * 1000 >= shownMsMin);
  const byId = Map.groupBy(sums, ({ id }) => id);
  if (isWhole && byId.size === 0) byId.set(null, []);
  const series = [...byId].map(([id, own]) => {
    const counted = new Map(own.map(({ at, counts }) => [at.getTime(), counts]));
    const points = shown.map((step) => ({ ...step, counts: counted.get(step.at.getTime()) ?? nothing }));
    return { id, points, requests: own.reduce((sum, { counts }) => sum + requestsIn(counts), 0) };
  });
  return series.toSorted((one, other) => other.requests - one.requests);
}
