/**
 * What would happen, found out without doing it: the change is made, looked at and undone within one transaction (store/database.ts,
 * inDryRun), so that it is judged by the very code that would carry it out. Then the scheduler is asked where it would go.
 */
import { AppError } from "../server/failure.ts";
import type { ServiceState } from "../server/model/control-state.ts";
import type { FolderId, ServiceId } from "../server/model/ids.ts";
import type { Problem } from "../server/model/problem.ts";
import { type Room } from "../server/model/room.ts";
import { isEnding } from "../server/model/route-status.ts";
import type { Explanation } from "../server/model/why/question.ts";
import { explainUnavailable } from "../server/model/why/failed.ts";
import { routesOf } from "../server/model/rollout.ts";
import { tryCreateService } from "../server/store/create-service.ts";
import type { Transaction } from "../server/store/database.ts";
import { tryModifyService } from "../server/store/modify-service.ts";
import { readRevisionIn, type RevisionRow } from "../server/store/revisions.ts";
import { readStateIn } from "../server/store/service-state.ts";
import type { ServiceRow } from "../server/store/services.ts";
import { builder } from "./builder.ts";
import type { Context } from "./context.ts";
import { problemsOf, valueOf } from "./errors.ts";
import { expectedStartMs } from "./launch.ts";
import { readServiceInput } from "./read-service-input.ts";
import { compared, RevisionDifference } from "./revision-difference.ts";
import { CreateServiceInput, ModifyServiceInput } from "./service-input.ts";
import { serviceIdOf, whoAsks } from "./service-success.ts";
import { newService } from "./service-wish.ts";
import { askForRoom, Why } from "./why.ts";
import { differencesOf, type Difference } from "../server/model/revision-difference.ts";

type CheckProblem = { readonly path: string; readonly message: string; readonly hint: string | null; readonly line: number | null };
type Placement = { readonly fits: boolean; readonly reason: string | null; readonly why: Explanation | null };
type Check = { readonly problems: readonly CheckProblem[]; readonly warnings: readonly string[]; readonly placement: Placement | null };
type Modification = Check & {
  readonly makesRevision: boolean;
  readonly differences: readonly Difference[];
  readonly way: "NONE" | "SURGE" | "IN_PLACE";
  readonly expectedPauseMs: number | null;
};

/** What is there once the change is made, before it is undone. */
type Seen = { readonly service: ServiceRow; readonly state: ServiceState; readonly revision: RevisionRow };

const look = async ({ folders }: Context, tx: Transaction, service: ServiceRow): Promise<Seen> => {
  const state = await readStateIn(tx, service.id, (id: FolderId) => folders.pathOf(id));
  if (state === null) throw new Error(`the service ${service.id} cannot be read`);
  return { service, state, revision: await readRevisionIn(tx, state.revisionId) };
};

const refused = (thrown: unknown): Check => ({
  problems: problemsOf(thrown).map((problem) => ({ ...problem, hint: null, line: null })),
  warnings: [],
  placement: null,
});

/** Nothing has to be started for it. */
const nothingNew: Check = { problems: [], warnings: [], placement: null };

async function judge(context: Context, { state, revision }: Seen): Promise<Check & { readonly room: Room | null }> {
  const { warnings: told } = await context.folders.readDefinition(revision.folderId);
  const warnings = told.map(({ message }) => message);
  const problems = revision.definitionProblems.map(inDefinition);
  try {
    const room = await askForRoom(context, state, revision);
    const placement = room === null ? null : { fits: room.fits, reason: room.fits ? null : room.why, why: room.fits ? null : room.explanation };
    return { problems, warnings, placement, room };
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    return {
      problems,
      warnings: [...warnings, `Where it would run is not known: ${explainUnavailable(thrown).sentence}`],
      placement: null,
      room: null,
    };
  }
}

const inDefinition = ({ path, message, hint, line }: Problem): CheckProblem => ({
  path: path === "" ? "definition" : `definition.${path}`,
  message,
  hint,
  line,
});

const CheckProblem = builder.objectRef<CheckProblem>("CheckProblem").implement({
  fields: (t) => ({
    path: t.exposeString("path", {
      description: "Dotted path inside the input, or below `definition` inside the model definition; empty: about the whole.",
    }),
    message: t.exposeString("message"),
    hint: t.exposeString("hint", { nullable: true }),
    line: t.exposeInt("line", { nullable: true, description: "In the model definition." }),
  }),
});

const Placement = builder.objectRef<Placement>("Placement").implement({
  fields: (t) => ({
    fits: t.exposeBoolean("fits", { description: "One more route would be placed now, beside what there is." }),
    reason: t.exposeString("reason", { nullable: true, description: "Why it would not." }),
    why: t.expose("why", {
      type: Why,
      nullable: true,
      description: "The same with the culprit, the numbers and what would help; null where it fits.",
    }),
  }),
});

const ServiceCheckInterface = builder.interfaceRef<Check>("Check").implement({
  fields: (t) => ({
    ok: t.boolean({
      description: "Nothing is wrong. Whether there is a place for it now is another question: without one it waits.",
      resolve: ({ problems }) => problems.length === 0,
    }),
    problems: t.field({ type: [CheckProblem], resolve: ({ problems }) => [...problems] }),
    warnings: t.stringList({ resolve: ({ warnings }) => [...warnings] }),
    placement: t.expose("placement", {
      type: Placement,
      nullable: true,
      description: "Null where it could not be asked, or nothing has to be started, or could be.",
    }),
  }),
});

const ServiceCheck = builder.objectRef<Check>("ServiceCheck").implement({ interfaces: [ServiceCheckInterface] });

const RolloutWay = builder.enumType("RolloutWay", {
  values: {
    NONE: { description: "Nothing is rolled out: no new revision is made, or nothing serves yet." },
    SURGE: { description: "Successors start beside what serves: no pause." },
    IN_PLACE: { description: "Each successor takes over the place of one that ends. Requests wait while no route is healthy." },
  } as const,
});

const ModificationCheck = builder.objectRef<Modification>("ModificationCheck").implement({
  interfaces: [ServiceCheckInterface],
  fields: (t) => ({
    makesRevision: t.exposeBoolean("makesRevision"),
    differences: t.field({
      type: [RevisionDifference],
      description: "Between the revision it is on and the new one.",
      resolve: (check) => [...check.differences],
    }),
    way: t.expose("way", { type: RolloutWay, description: "Which way the rollout would go now." }),
    expectedPauseMs: t.int({
      nullable: true,
      description: "For how long requests would wait, from the last starts of this service; 0: not at all, null: not known.",
      resolve: ({ expectedPauseMs }) => expectedPauseMs,
    }),
  }),
});

builder.queryFields((t) => ({
  checkService: t.field({
    type: ServiceCheck,
    description: "What createService would come to. Starts and keeps nothing.",
    args: { input: t.arg({ type: CreateServiceInput, required: true }) },
    resolve: async (_root, { input }, context): Promise<Check> => {
      try {
        const wish = await newService(context, input);
        const file = await context.folders.readDefinition(wish.folderId);
        return await judge(
          context,
          valueOf(await tryCreateService(context.database, wish, context.endpoint, file, (tx, made) => look(context, tx, made))),
        );
      } catch (thrown) {
        return refused(thrown);
      }
    },
  }),
  checkModification: t.field({
    type: ModificationCheck,
    description: "What modifyService would come to: which way it would roll out, and how long requests would wait. Starts and keeps nothing.",
    args: { input: t.arg({ type: ModifyServiceInput, required: true }) },
    resolve: async (_root, { input }, context): Promise<Modification> => {
      try {
        return await judgeModification(context, input);
      } catch (thrown) {
        return { ...refused(thrown), makesRevision: false, differences: [], way: "NONE", expectedPauseMs: null };
      }
    },
  }),
}));

async function judgeModification(context: Context, { id, ...input }: typeof ModifyServiceInput.$inferInput): Promise<Modification> {
  const { seen, before } = valueOf(
    await tryModifyService(
      context.database,
      whoAsks(context),
      serviceIdOf(id),
      (current) => readServiceInput(context, input, current),
      (folderId) => context.folders.readDefinition(folderId),
      async (tx, made, current) => ({ seen: await look(context, tx, made), before: current }),
    ),
  );
  const makesRevision = seen.revision.id !== before.id;
  if (!makesRevision) {
    const more = seen.state.routes.filter(({ status }) => !isEnding(status)).length < seen.service.desiredRouteCount;
    const check = more ? await judge(context, seen) : nothingNew;
    return { ...check, makesRevision, differences: [], way: "NONE", expectedPauseMs: 0 };
  }
  const [was, is, check] = await Promise.all([compared(context, before), compared(context, seen.revision), judge(context, seen)]);
  const { room } = check;
  // It would be tried, and taken back (control/rollout-verdict.ts).
  if (seen.state.rollout !== null && room?.fits === false && !room.fitsInPlace) {
    const problem = {
      path: "",
      message: `It finds no place, neither beside what serves nor in its stead. ${room.why}`,
      hint: "Ask for less, or make room.",
      line: null,
    };
    return {
      ...check,
      problems: [...check.problems, problem],
      makesRevision,
      differences: differencesOf(was, is),
      way: "NONE",
      expectedPauseMs: null,
    };
  }
  const way = wayOf(seen.state, room);
  return { ...check, makesRevision, differences: differencesOf(was, is), way, expectedPauseMs: await pauseOf(context, seen, way) };
}

function wayOf({ rollout, desiredRouteCount }: ServiceState, room: Room | null): Modification["way"] {
  if (rollout === null || desiredRouteCount === 0) return "NONE";
  const isInPlace = rollout.mode === "IN_PLACE" || routesOf(rollout.policy.maxSurge, desiredRouteCount, "up") === 0 || room?.fits === false;
  return isInPlace ? "IN_PLACE" : "SURGE";
}

/** Nobody waits while another route serves. */
async function pauseOf(context: Context, { service, state }: Seen, way: Modification["way"]): Promise<number | null> {
  if (way !== "IN_PLACE" || state.routes.filter(({ status }) => status === "HEALTHY").length > 1) return 0;
  return expectedStartMs(context, service.id as ServiceId);
}
