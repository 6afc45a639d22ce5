/** Validations: one session of what a service would run, started, probed and ended outside of every service. Asked once, or as they change. */
import { isDeepStrictEqual } from "node:util";
import { asId, type ValidationId } from "../server/model/ids.ts";
import { expectedOf, launchOf, type Expected, type Launch } from "../server/model/launch-timeline.ts";
import { servedModel } from "../server/model/model-definition.ts";
import { isFinal, validationStatuses, validationVerdicts } from "../server/model/validation.ts";
import { listValidations, readValidations, type ValidationRow } from "../server/store/validations.ts";
import { builder, gathering } from "./builder.ts";
import { ClusterMode } from "./cluster-mode.ts";
import type { Context } from "./context.ts";
import { Environment } from "./environment.ts";
import { Folder } from "./folder.ts";
import { expectedOfService, LaunchTimeline } from "./launch.ts";
import { endable, readThroughOutages } from "./live.ts";
import { DefinitionProblem, ModelDefinition } from "./model-definition.ts";
import { Mount, Variable } from "./mount.ts";
import { creationCursor, readPage } from "./page.ts";
import { ResourceGroup } from "./resource-group.ts";
import { Resources } from "./resources.ts";
import { FailureReport } from "./route-event.ts";
import { Service } from "./service.ts";
import { User } from "./user.ts";

const ValidationStatus = builder.enumType("ValidationStatus", {
  values: {
    PENDING: { description: "Waits to be handed to the scheduler." },
    RUNNING: { description: "The scheduler has its session; the first passed health check is awaited." },
    CLEANING_UP: { description: "There is a verdict, and the session is being ended." },
    PASSED: { description: "Its first health check passed; nothing of the session is left." },
    FAILED: { description: "It did not come to serve; nothing of the session is left." },
    CANCELLED: { description: "Somebody ended it before there was another verdict; nothing of the session is left." },
  } as const satisfies Record<(typeof validationStatuses)[number], object>,
});

const ValidationVerdict = builder.enumType("ValidationVerdict", { values: validationVerdicts });

function launchOfValidation({ launchEvents, definition }: ValidationRow): Launch | null {
  const events = launchEvents.map((event) => ({ ...event, at: new Date(event.at) }));
  return launchOf(events, definition === null ? 0 : servedModel(definition).service.pre_start_actions.length);
}

const nothingExpected: Expected = expectedOf([]);

export const Validation = builder.loadableNode("Validation", {
  description: "A trial run. No request ever reaches its session. It is deleted 30 days after its end.",
  id: { resolve: (validation: ValidationRow) => validation.id },
  load: (ids: ValidationId[], context): Promise<ValidationRow[]> => readValidations(context.database, context.viewer.project.id, ids),
  toKey: (validation: ValidationRow) => validation.id,
  sort: true,
  loaderOptions: gathering,
  fields: (t) => ({
    status: t.expose("status", { type: ValidationStatus }),
    statusReason: t.exposeString("statusReason", { description: "One plain sentence: what it waits for, or why it ended as it did." }),
    verdict: t.expose("verdict", { type: ValidationVerdict, nullable: true, description: "Null while there is none yet." }),
    failure: t.expose("failure", { type: FailureReport, nullable: true, description: "Set where it FAILED." }),
    launch: t.field({
      type: LaunchTimeline,
      nullable: true,
      description: "How far its start has come; null until the scheduler has it. What is expected, the service's last starts tell.",
      resolve: async (validation, _args, context) => {
        const launch = launchOfValidation(validation);
        if (launch === null) return null;
        const { serviceId } = validation;
        return { launch, expected: serviceId === null ? nothingExpected : await expectedOfService(context, serviceId) };
      },
    }),
    cancelling: t.boolean({ description: "Somebody wants it to end.", resolve: ({ cancellingAt }) => cancellingAt !== null }),
    timeLimitSeconds: t.exposeInt("timeLimitSeconds", {
      description: "How long it may take until its process runs, and then again from there to the first passed health check.",
    }),
    name: t.exposeString("name", { nullable: true }),
    service: t.field({
      type: Service,
      nullable: true,
      description: "Whose modification it tries; null: a new one.",
      resolve: (one) => one.serviceId,
    }),
    sessionId: t.exposeID("sessionId"),
    node: t.exposeString("node", { nullable: true, description: "Name of the machine it ran on." }),
    folder: t.field({ type: Folder, resolve: (validation) => validation.folderId }),
    environment: t.field({ type: Environment, resolve: (validation) => validation.environmentId }),
    image: t.exposeString("image", { nullable: true, description: "In place of the environment's; null: that one." }),
    resourceGroup: t.field({ type: ResourceGroup, resolve: (validation) => validation.resourceGroupId }),
    resources: t.expose("resources", { type: Resources }),
    clusterMode: t.expose("clusterMode", { type: ClusterMode }),
    clusterSize: t.exposeInt("clusterSize", { description: "Members of each route." }),
    mounts: t.field({ type: [Mount], description: "Besides the model's folder.", resolve: (validation) => [...validation.mounts] }),
    modelReadOnly: t.exposeBoolean("modelReadOnly"),
    variables: t.field({ type: [Variable], resolve: (validation) => [...validation.variables] }),
    definition: t.field({
      type: ModelDefinition,
      nullable: true,
      resolve: ({ definition }) => (definition === null ? null : servedModel(definition)),
    }),
    definitionProblems: t.field({ type: [DefinitionProblem], resolve: (validation) => [...validation.definitionProblems] }),
    definitionHash: t.exposeString("definitionHash", { nullable: true, description: "SHA-256 of the file; null where there is none." }),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
    createdBy: t.field({ type: User, resolve: (validation) => validation.createdBy }),
    endedAt: t.expose("endedAt", { type: "DateTime", nullable: true, description: "When nothing of its session was left." }),
  }),
});

async function read({ database, viewer }: Context, wanted: string): Promise<ValidationRow | null> {
  const id = asId("validation", wanted);
  const [row] = id === null ? [] : await readValidations(database, viewer.project.id, [id]);
  return row ?? null;
}

builder.queryFields((t) => ({
  validation: t.field({
    type: Validation,
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, { id }, context) => read(context, id),
  }),
  validations: t.connection(
    {
      type: Validation,
      resolve: (_root, page, { database, viewer }) =>
        readPage(
          page,
          creationCursor,
          (validation: ValidationRow) => validation,
          (window) => listValidations(database, viewer.project.id, window),
        ),
    },
    { name: "ValidationConnection" },
    { name: "ValidationEdge" },
  ),
}));

/** One row is one snapshot; reads follow each other, and each is sent only where it differs from the one before. */
async function* follow(context: Context, id: string, signal: AbortSignal): AsyncGenerator<ValidationRow | null> {
  const wakes = context.changes.subscribe(signal);
  const readNow = (): Promise<ValidationRow | null> => readThroughOutages(() => read(context, id), context, signal);
  let present = await readNow();
  yield present;
  if (present === null || isFinal(present.status)) return;
  for await (const wake of wakes) {
    if (wake !== "everything" && !wake.has(`validation:${id}`)) continue;
    const now = await readNow();
    if (now === null) return;
    if (isDeepStrictEqual(now, present)) continue;
    present = now;
    yield present;
    if (isFinal(present.status)) return;
  }
}

builder.subscriptionField("validation", (t) =>
  t.field({
    type: Validation,
    nullable: true,
    description: "The whole object at once, then again at every change; ends after it is final. Null once, where there is no such validation.",
    args: { id: t.arg.id({ required: true }) },
    subscribe: (_root, { id }, context) => endable((signal) => follow(context, id, signal)),
    resolve: (validation) => validation,
  }),
);
