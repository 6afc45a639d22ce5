/** How far a route's start has come, and how long such a start took the last times. */
import type { RouteId, ServiceId } from "../server/model/ids.ts";
import { expectedOf, launchOf, launchPhases, type Expected, type Launch } from "../server/model/launch-timeline.ts";
import { servedModel } from "../server/model/model-definition.ts";
import { readCompletedStarts, readLaunchEvents, type CompletedStartRow } from "../server/store/launches.ts";
import { builder } from "./builder.ts";
import type { Context } from "./context.ts";
import { gatherByParent } from "./gather.ts";
import { Revision } from "./revision.ts";
import { Route } from "./route.ts";

const LaunchPhaseName = builder.enumType("LaunchPhaseName", {
  description: "Each is called after what it ends with, and begins where the one before ended.",
  values: {
    PLACED: { description: "A machine was found." },
    IMAGE: { description: "The container's image was downloaded; known only where it had to be." },
    PROCESS: { description: "The process was started." },
    ACTIONS: { description: "The definition's `pre_start_actions` were done." },
    FIRST_PASS: { description: "The start command serves: its first health check passed." },
  } as const satisfies Record<(typeof launchPhases)[number], object>,
});

type Expecting<T> = T & { readonly expectedMs: number | null };
type Phase = Expecting<Launch["phases"][number]>;
const expectedMs = "How long the same took, in the median of the service's last five starts; null where none tells.";

const LaunchPhase = builder.objectRef<Phase>("LaunchPhase").implement({
  description: "Null is what is not known (yet), and what there was not to do; it is never zero.",
  fields: (t) => ({
    phase: t.expose("phase", { type: LaunchPhaseName }),
    startedAt: t.expose("startedAt", { type: "DateTime", nullable: true }),
    endedAt: t.expose("endedAt", { type: "DateTime", nullable: true }),
    durationMs: t.exposeInt("durationMs", { nullable: true }),
    expectedMs: t.exposeInt("expectedMs", { nullable: true, description: expectedMs }),
  }),
});

export const LaunchTimeline = builder.objectRef<{ readonly launch: Launch; readonly expected: Expected }>("LaunchTimeline").implement({
  description: "Of the newest attempt of a route, or of a validation, to start.",
  fields: (t) => ({
    startedAt: t.field({ type: "DateTime", resolve: ({ launch }) => launch.startedAt }),
    endedAt: t.field({ type: "DateTime", nullable: true, description: "When it became HEALTHY.", resolve: ({ launch }) => launch.endedAt }),
    failedAt: t.field({
      type: "DateTime",
      nullable: true,
      description: "When this attempt ended without having been HEALTHY.",
      resolve: ({ launch }) => launch.failedAt,
    }),
    durationMs: t.int({ nullable: true, resolve: ({ launch }) => launch.durationMs }),
    expectedMs: t.int({ nullable: true, description: expectedMs, resolve: ({ expected }) => expected.totalMs }),
    phases: t.field({
      type: [LaunchPhase],
      description: "All of them, in their order.",
      resolve: ({ launch, expected }) => launch.phases.map((phase) => ({ ...phase, expectedMs: expected.phaseMs[phase.phase] })),
    }),
  }),
});

const loadEvents = gatherByParent(
  ({ database }, ids: readonly RouteId[]) => readLaunchEvents(database, ids),
  (event) => event.routeId,
);
const loadStarts = gatherByParent(
  ({ database }, ids: readonly ServiceId[]) => readCompletedStarts(database, ids),
  (event) => event.serviceId,
);

const completedOf = (starts: readonly CompletedStartRow[]): Launch[] =>
  [...Map.groupBy(starts, (event) => event.start).values()].flatMap((start) => launchOf(start, null) ?? []);

/** Of the service's last starts. */
export const expectedOfService = async (context: Context, serviceId: ServiceId): Promise<Expected> =>
  expectedOf(completedOf(await loadStarts(context, serviceId)));

/** From placement to first pass, in the median of the service's last starts; null where none tells. */
export async function expectedStartMs(context: Context, serviceId: ServiceId): Promise<number | null> {
  return (await expectedOfService(context, serviceId)).totalMs;
}

builder.objectField(Route, "launch", (t) =>
  t.field({
    type: LaunchTimeline,
    nullable: true,
    description: "How far its newest attempt to start has come.",
    resolve: async ({ id, serviceId, revisionId }, _args, context) => {
      const [events, starts, { definition }] = await Promise.all([
        loadEvents(context, id),
        loadStarts(context, serviceId),
        Revision.getDataloader(context).load(revisionId),
      ]);
      const launch = launchOf(events, definition === null ? 0 : servedModel(definition).service.pre_start_actions.length);
      if (launch === null) return null;
      return { launch, expected: expectedOf(completedOf(starts)) };
    },
  }),
);
