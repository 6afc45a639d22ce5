/** Services as they are read: the type, the list, one of them. */
import { asId, type ServiceId } from "../server/model/ids.ts";
import { serviceStatuses } from "../server/model/service-status.ts";
import { readDefinitionChanges, type DefinitionChange as DefinitionChangeRow } from "../server/store/definition-hash.ts";
import { listRouteEvents, type RouteEventRow } from "../server/store/route-events.ts";
import { listRevisions, type RevisionRow } from "../server/store/revisions.ts";
import { listRollouts, readNewestRollouts, type RolloutRow } from "../server/store/rollouts.ts";
import { readRouteErrors } from "../server/store/route-errors.ts";
import { readEndedRoutes, readRoutesOfServices, type RouteRow } from "../server/store/route-reads.ts";
import type { ServiceSnapshot } from "../server/store/service-snapshot.ts";
import { findService, findServiceByName, listServices, readServices, type ServiceRow } from "../server/store/services.ts";
import { readTokensOfServices } from "../server/store/tokens.ts";
import { builder, gathering } from "./builder.ts";
import type { Context } from "./context.ts";
import { badUserInput } from "./errors.ts";
import { gatherByParent } from "./gather.ts";
import { creationCursor, numberCursor, readPage } from "./page.ts";
import { Revision } from "./revision.ts";
import { Rollout } from "./rollout.ts";
import { RolloutPolicy } from "./rollout-policy.ts";
import { Failure, Route } from "./route.ts";
import { RouteEvent, RouteEventConnection } from "./route-event.ts";
import { Token } from "./token.ts";
import { TrafficPolicy } from "./traffic-policy.ts";
import { User } from "./user.ts";

/** Subscriptions bring the routes and tokens of the same instant along. */
export type ServiceSource = ServiceRow | ServiceSnapshot;

const ServiceStatus = builder.enumType("ServiceStatus", { values: serviceStatuses });

const RouteCounts = builder.objectRef<{ desired: number; healthy: number; total: number }>("RouteCounts").implement({
  fields: (t) => ({
    desired: t.exposeInt("desired"),
    healthy: t.exposeInt("healthy"),
    total: t.exposeInt("total", { description: "Live routes, whatever their status." }),
  }),
});

const loadRoutes = {
  live: gatherByParent(
    ({ database }, ids: readonly ServiceId[]) => readRoutesOfServices(database, ids, "live"),
    (route) => route.serviceId,
  ),
  all: gatherByParent(
    ({ database }, ids: readonly ServiceId[]) => readRoutesOfServices(database, ids, "all"),
    (route) => route.serviceId,
  ),
};
const endedRoutesMax = 20;
const loadEndedRoutes = gatherByParent(
  ({ database }, ids: readonly ServiceId[]) => readEndedRoutes(database, ids, endedRoutesMax),
  (route) => route.serviceId,
);

const loadTokens = gatherByParent(
  ({ database }, ids: readonly ServiceId[]) => readTokensOfServices(database, ids),
  (token) => token.serviceId,
);

export const liveRoutesOf = async (service: ServiceSource, context: Context): Promise<readonly RouteRow[]> =>
  "liveRoutes" in service ? service.liveRoutes : loadRoutes.live(context, service.id);

const loadRollouts = gatherByParent(
  ({ database }, ids: readonly ServiceId[]) => readNewestRollouts(database, ids),
  (rollout) => rollout.serviceId,
);

const loadDefinitionChanges = gatherByParent(
  ({ database }, ids: readonly ServiceId[]) => readDefinitionChanges(database, ids),
  (change) => change.serviceId,
);

const loadErrors = gatherByParent(
  ({ database }, ids: readonly ServiceId[]) => readRouteErrors(database, ids),
  (event) => event.serviceId,
);

const DefinitionChange = builder.objectRef<DefinitionChangeRow>("DefinitionChange").implement({
  description: "clearErrorsAndRetry makes a new revision of it and rolls that out.",
  fields: (t) => ({
    sinceRevision: t.exposeInt("sinceRevision", { description: "Number of the revision that routes should be on." }),
    fileName: t.string({
      nullable: true,
      description: "Of the definition as it is now; null where there is none any more, or none that can be read.",
      resolve: async ({ folderId }, _args, { folders }) => {
        const file = await folders.readDefinition(folderId);
        return "name" in file ? file.name : null;
      },
    }),
  }),
});

export const Service = builder.loadableNode("Service", {
  id: { resolve: (service: ServiceSource) => service.id },
  load: (ids: ServiceId[], context): Promise<ServiceSource[]> => readServices(context.database, context.viewer.project.id, ids),
  toKey: (service: ServiceSource) => service.id,
  sort: true,
  loaderOptions: gathering,
  fields: (t) => ({
    name: t.exposeString("name"),
    endpoint: t.exposeString("endpoint", { description: "The permanent address: given at creation, it never changes." }),
    endpointProblem: t.exposeString("endpointProblem", {
      nullable: true,
      description: "Why a gateway cannot serve the address, as where something else holds its port; null where every one does.",
    }),
    status: t.expose("status", { type: ServiceStatus }),
    statusReason: t.exposeString("statusReason", { description: "One plain sentence with the numbers and the most important cause." }),
    openToPublic: t.exposeBoolean("openToPublic", { description: "Callable without a token." }),
    aliases: t.stringList({
      description: "Other names that requests may choose it by at the gateway's main address.",
      resolve: ({ aliases }) => [...aliases],
    }),
    allowedOrigins: t.stringList({
      description: "Of web pages that may call it, besides the console's.",
      resolve: ({ allowedOrigins }) => [...allowedOrigins],
    }),
    desiredRouteCount: t.exposeInt("desiredRouteCount"),
    terminationGraceSeconds: t.exposeInt("terminationGraceSeconds"),
    routeCounts: t.field({
      type: RouteCounts,
      resolve: async (service, _args, context) => {
        const live = await liveRoutesOf(service, context);
        const healthy = live.filter((route) => route.status === "HEALTHY").length;
        return { desired: service.desiredRouteCount, healthy, total: live.length };
      },
    }),
    revision: t.field({
      type: Revision,
      description: "The one that routes should be on.",
      resolve: (service) => {
        if (service.revisionId === null) throw new Error(`the service ${service.id} has no revision`);
        return service.revisionId;
      },
    }),
    revisions: t.connection(
      {
        type: Revision,
        description: "All that it has had, oldest first.",
        resolve: (service, page, { database }) =>
          readPage(
            page,
            numberCursor,
            (revision: RevisionRow) => revision.number,
            (window) => listRevisions(database, service.id, window),
          ),
      },
      { name: "RevisionConnection" },
      { name: "RevisionEdge" },
    ),
    rollout: t.field({
      type: Rollout,
      nullable: true,
      description: "The one under way, else the newest; null where nothing has been rolled out over something that served.",
      resolve: async (service, _args, context) => ("rollout" in service ? service.rollout : ((await loadRollouts(context, service.id))[0] ?? null)),
    }),
    rollouts: t.connection(
      {
        type: Rollout,
        description: "Oldest first.",
        resolve: (service, page, { database }) =>
          readPage(
            page,
            creationCursor,
            (rollout: RolloutRow) => rollout,
            (window) => listRollouts(database, service.id, window),
          ),
      },
      { name: "RolloutConnection" },
      { name: "RolloutEdge" },
    ),
    definitionChange: t.field({
      type: DefinitionChange,
      nullable: true,
      description: "The model definition in the folder is another one than the revision was made of; null where it is the same.",
      resolve: async (service, _args, context) =>
        "definitionChange" in service ? service.definitionChange : ((await loadDefinitionChanges(context, service.id))[0] ?? null),
    }),
    routes: t.field({
      type: [Route],
      description: "Live routes, oldest first; with `includeTerminated` also those that have ended.",
      args: { includeTerminated: t.arg.boolean({ defaultValue: false }) },
      resolve: async (service, { includeTerminated }, context) => [
        ...(await (includeTerminated === true ? loadRoutes.all(context, service.id) : liveRoutesOf(service, context))),
      ],
    }),
    endedRoutes: t.field({
      type: [Route],
      description: `Those that ended last, newest first, at most ${endedRoutesMax}.`,
      resolve: async ({ id }, _args, context) => [...(await loadEndedRoutes(context, id))],
    }),
    tokens: t.field({
      type: [Token],
      description: "Oldest first, also revoked and expired ones.",
      resolve: async (service, _args, context) => [...("tokens" in service ? service.tokens : await loadTokens(context, service.id))],
    }),
    events: t.connection(
      {
        type: RouteEvent,
        resolve: (service, page, { database }) =>
          readPage(
            page,
            numberCursor,
            (event: RouteEventRow) => event.id,
            (window) => listRouteEvents(database, service.id, window),
          ),
      },
      RouteEventConnection,
    ),
    rolloutPolicy: t.expose("rolloutPolicy", { type: RolloutPolicy, description: "Of its next rollouts." }),
    trafficPolicy: t.expose("trafficPolicy", { type: TrafficPolicy }),
    errors: t.field({
      type: [RouteEvent],
      description: "What kept routes from serving and nobody has cleared, newest first, at most 100: events whose `failure` is set.",
      resolve: async (service, _args, context) => [...(await loadErrors(context, service.id))],
    }),
    failure: t.expose("failure", {
      type: Failure,
      nullable: true,
      description: "The newest failure that nobody cleared since it was last HEALTHY.",
    }),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
    createdBy: t.field({ type: User, resolve: (service) => service.createdBy }),
    terminatedAt: t.expose("terminatedAt", { type: "DateTime", nullable: true }),
  }),
});

const ServiceFilter = builder.inputType("ServiceFilter", {
  fields: (t) => ({
    statuses: t.field({ type: [ServiceStatus], description: "Absent: all but TERMINATED." }),
    nameContains: t.string(),
  }),
});

builder.queryFields((t) => ({
  services: t.connection(
    {
      type: Service,
      description: "Oldest first; `last` takes them from the newest end.",
      args: { filter: t.arg({ type: ServiceFilter }) },
      resolve: (_root, { filter, ...page }, { database, viewer }) => {
        const wanted = { statuses: filter?.statuses ?? null, nameContains: filter?.nameContains ?? null };
        const read = (window: Parameters<typeof listServices>[2]) => listServices(database, viewer.project.id, window, wanted);
        return readPage(page, creationCursor, (service: ServiceRow) => service, read);
      },
    },
    { name: "ServiceConnection" },
    { name: "ServiceEdge" },
  ),
  service: t.field({
    type: Service,
    nullable: true,
    description: "By id, or the live one of that name.",
    args: { id: t.arg.id(), name: t.arg.string() },
    resolve: (_root, args, { database, viewer }) => {
      const given = [args.id ?? null, args.name ?? null].filter((value) => value !== null);
      if (given.length !== 1) throw badUserInput("Give either id or name.");
      if (typeof args.name === "string") return findServiceByName(database, viewer.project.id, args.name);
      const id = asId("service", args.id ?? "");
      return id === null ? null : findService(database, viewer.project.id, id);
    },
  }),
}));
