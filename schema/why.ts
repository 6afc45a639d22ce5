/** Why a service does not run, or would not: one sentence, one culprit, the numbers, and what would help. */
import { AppError } from "../server/failure.ts";
import { noNeeds } from "../server/model/environment.ts";
import type { ServiceState } from "../server/model/control-state.ts";
import type { FolderId, RevisionId } from "../server/model/ids.ts";
import { noLimits } from "../server/model/resource-group.ts";
import { findRoom, type Room } from "../server/model/room.ts";
import { explainDefinition, explainFailure, explainUnavailable } from "../server/model/why/failed.ts";
import { culprits, type Explanation, type Remedy as RemedyValue } from "../server/model/why/question.ts";
import { explainStaying, isStaying } from "../server/model/staying.ts";
import { pullsWithCredentials } from "../server/store/image-registries.ts";
import { readIdleMinutes } from "../server/store/last-requests.ts";
import { listResourceGroups } from "../server/store/resource-groups.ts";
import type { RevisionRow } from "../server/store/revisions.ts";
import { readServiceState } from "../server/store/service-state.ts";
import { builder } from "./builder.ts";
import { askNodes } from "./compute-node.ts";
import type { Context } from "./context.ts";
import { Environment } from "./environment.ts";
import { ResourceGroup } from "./resource-group.ts";
import { Revision } from "./revision.ts";
import { liveRoutesOf, Service, type ServiceSource } from "./service.ts";

const Culprit = builder.enumType("Culprit", { values: culprits });

const RemedyKind = builder.enumType("RemedyKind", {
  values: {
    LOWER_MEMORY: { description: "Ask for `memoryGiB` of memory." },
    RAISE_MEMORY: { description: "Ask for `memoryGiB` of memory." },
    LOWER_CPU: { description: "Ask for `cpu` cores." },
    LOWER_ACCELERATOR_MEMORY: { description: "Ask for devices of `accelerator` with at least `memoryGiB`." },
    FEWER_ACCELERATORS: { description: "Ask for `count` of `accelerator`." },
    OTHER_ACCELERATOR: { description: "Ask for `count` of `instead`, in place of `accelerator`." },
    STOP_SERVICE: { description: "Set the desired routes of `serviceId` to 0, or terminate it." },
    SCALE_DOWN: { description: "Take one from the desired routes of `serviceId`." },
    OTHER_GROUP: { description: "Run it on `resourceGroupId`." },
    MAKE_ELIGIBLE: { description: "Let the machine `nodeId` take new work: makeNodeEligible, for administrators." },
    CLEAR_ERRORS_AND_RETRY: { description: "Once what is wrong has been put right: clearErrorsAndRetry." },
  } as const,
});

type FieldsOf<Union, Name extends string> = Union extends { readonly [Key in Name]: infer Value } ? Value : never;
const fieldOf = <Name extends string>(remedy: RemedyValue, name: Name): FieldsOf<RemedyValue, Name> | null =>
  name in remedy ? (remedy as unknown as Record<Name, FieldsOf<RemedyValue, Name>>)[name] : null;

const Remedy = builder.objectRef<RemedyValue>("Remedy").implement({
  description: "A change after which it would be placed now, by what is known; which fields are set, its kind says.",
  fields: (t) => ({
    kind: t.expose("kind", { type: RemedyKind }),
    says: t.exposeString("says", { description: "The same for people: `Would fit now with 24 GiB.`" }),
    memoryGiB: t.float({ nullable: true, resolve: (remedy) => fieldOf(remedy, "memoryGiB") }),
    cpu: t.float({ nullable: true, resolve: (remedy) => fieldOf(remedy, "cpu") }),
    accelerator: t.string({ nullable: true, description: "As it is asked for now.", resolve: (remedy) => fieldOf(remedy, "accelerator") }),
    instead: t.string({ nullable: true, resolve: (remedy) => fieldOf(remedy, "instead") }),
    count: t.int({ nullable: true, resolve: (remedy) => fieldOf(remedy, "count") }),
    serviceId: t.id({ nullable: true, resolve: (remedy) => fieldOf(remedy, "serviceId") }),
    resourceGroup: t.field({ type: ResourceGroup, nullable: true, resolve: (remedy) => fieldOf(remedy, "resourceGroupId") }),
    nodeId: t.id({ nullable: true, resolve: (remedy) => fieldOf(remedy, "nodeId") }),
    nodeName: t.string({ nullable: true, resolve: (remedy) => fieldOf(remedy, "nodeName") }),
  }),
});

const WhyNumber = builder.objectRef<{ readonly name: string; readonly value: number }>("WhyNumber").implement({
  fields: (t) => ({
    name: t.exposeString("name", { description: "`nodes`, `suited`, `free`, `wantedGiB`, for example." }),
    value: t.exposeFloat("value"),
  }),
});

export const Why = builder.objectRef<Explanation>("Why").implement({
  fields: (t) => ({
    culprit: t.expose("culprit", { type: Culprit, description: "The one thing that keeps it from running." }),
    sentence: t.exposeString("sentence"),
    numbers: t.field({ type: [WhyNumber], resolve: ({ numbers }) => Object.entries(numbers).map(([name, value]) => ({ name, value })) }),
    remedies: t.field({
      type: [Remedy],
      description: "What would help, what costs nobody anything first.",
      resolve: ({ remedies }) => [...remedies],
    }),
  }),
});

/** Asks the scheduler where one more route would go, and if nowhere, what would help. */
export async function askForRoom(
  context: Context,
  state: ServiceState,
  { environmentId, image, resourceGroupId }: RevisionRow,
): Promise<Room | null> {
  const [idleMinutes, groups, isPrivate, environment] = await Promise.all([
    readIdleMinutes(context.database, state.projectId),
    listResourceGroups(context.database),
    pullsWithCredentials(context.database, state),
    Environment.getDataloader(context).load(environmentId),
  ]);
  const otherGroups = groups
    .filter(({ id }) => id !== resourceGroupId)
    .filter(({ environmentIds, ownImages }) => (environmentIds?.includes(environmentId) ?? true) && (image === null || ownImages))
    .map((group) => ({ ...group, limits: { ...noLimits, ...group.limits } }));
  const least = image === null ? environment.needs : noNeeds;
  const offered = groups.find(({ id }) => id === resourceGroupId)?.acceleratorNames ?? null;
  return findRoom(state, (session) => context.observe.preview(session), isPrivate, { idleMinutes, otherGroups, offered, least });
}

async function whyOf(service: ServiceSource, context: Context): Promise<Explanation | null> {
  const { status, failure, revisionId } = service;
  if (revisionId !== null && status === "HEALTHY") return whyItStays(service, revisionId, context);
  if (revisionId === null || (status !== "PROVISIONING" && status !== "UNHEALTHY" && status !== "DEGRADED")) return null;
  const revision = await Revision.getDataloader(context).load(revisionId);
  if (revision.definitionProblems.length > 0 && status === "UNHEALTHY") return explainDefinition(revision.definitionProblems);
  if (failure !== null) {
    const group = await ResourceGroup.getDataloader(context).load(revision.resourceGroupId);
    return explainFailure(failure, revision.resources, group, (await askNodes(context)) ?? []);
  }
  const state = await readServiceState(context.database, service.id, (id: FolderId) => context.folders.pathOf(id));
  if (state === null) return null;
  // Without any, control could not yet look at it: a scheduler that does not answer is the reason for that as well.
  const waits = state.routes.length === 0 || state.routes.some((route) => route.status === "PENDING" || route.status === "SCHEDULING");
  return waits ? whyNoRoom(state, revision, context) : null;
}

async function whyNoRoom(state: ServiceState, revision: RevisionRow, context: Context): Promise<Explanation | null> {
  try {
    const room = await askForRoom(context, state, revision);
    return room === null || room.fits ? null : room.explanation;
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    return explainUnavailable(thrown);
  }
}

/** All serve, some of them on machines that are drained, because their successors find no place. */
async function whyItStays(service: ServiceSource, revisionId: RevisionId, context: Context): Promise<Explanation | null> {
  const staying = (await liveRoutesOf(service, context)).filter(({ status, statusReason }) => status === "HEALTHY" && isStaying(statusReason));
  if (staying.length === 0) return null;
  const state = await readServiceState(context.database, service.id, (id: FolderId) => context.folders.pathOf(id));
  const why = state === null ? null : await whyNoRoom(state, await Revision.getDataloader(context).load(revisionId), context);
  return why === null
    ? null
    : explainStaying(
        staying.map(({ node }) => node),
        why,
      );
}

builder.objectField(Service, "why", (t) =>
  t.field({
    type: Why,
    nullable: true,
    description:
      "Why it does not serve as it should, or serves on from a machine that is drained, and what would help, asked of the scheduler now. Null where it does, or nothing is known to keep it.",
    resolve: (service, _args, context) => whyOf(service, context),
  }),
);
