/** Routes: the replicas of a service. */
import type { RouteId } from "../server/model/ids.ts";
import { initialDelayDefaultSeconds, servedModel } from "../server/model/model-definition.ts";
import { routeStatuses } from "../server/model/route-status.ts";
import { failureCauses, type Failure as FailureValue } from "../server/model/service-status.ts";
import { readRoutes, type RouteRow } from "../server/store/route-reads.ts";
import { builder, gathering } from "./builder.ts";
import { Revision } from "./revision.ts";

export const RouteStatus = builder.enumType("RouteStatus", { values: routeStatuses });

export const FailureCause = builder.enumType("FailureCause", { values: failureCauses });

export const Failure = builder.objectRef<FailureValue>("Failure").implement({
  fields: (t) => ({
    cause: t.expose("cause", { type: FailureCause }),
    message: t.exposeString("message", { description: "One plain sentence that names what happened." }),
    hint: t.exposeString("hint", { nullable: true, description: "What would help, where known." }),
    at: t.field({ type: "DateTime", resolve: (failure) => new Date(failure.at) }),
    routeId: t.exposeID("routeId"),
  }),
});

export const Route = builder.loadableNode("Route", {
  id: { resolve: (route: RouteRow) => route.id },
  load: (ids: RouteId[], context): Promise<RouteRow[]> => readRoutes(context.database, context.viewer.project.id, ids),
  toKey: (route: RouteRow) => route.id,
  sort: true,
  loaderOptions: gathering,
  fields: (t) => ({
    status: t.expose("status", { type: RouteStatus }),
    statusReason: t.exposeString("statusReason"),
    statusAt: t.expose("statusAt", { type: "DateTime", description: "Since when it has this status." }),
    revision: t.field({ type: Revision, resolve: (route) => route.revisionId }),
    sessionId: t.exposeID("sessionId"),
    node: t.exposeString("node", { nullable: true, description: "Name of the machine it runs on." }),
    retryAt: t.expose("retryAt", { type: "DateTime", nullable: true, description: "When it is started again; set while BACKING_OFF." }),
    firstPassDueAt: t.field({
      type: "DateTime",
      nullable: true,
      description: "When `initial_delay` is over: without a passed health check by then, it is started again. Set while WARMING_UP.",
      resolve: async (route, _args, context) => {
        if (route.status !== "WARMING_UP") return null;
        const { definition } = await Revision.getDataloader(context).load(route.revisionId);
        const check = definition === null ? undefined : servedModel(definition).service.health_check;
        return new Date(route.statusAt.getTime() + (check?.initial_delay ?? initialDelayDefaultSeconds) * 1000);
      },
    }),
    schedulerUrl: t.string({
      nullable: true,
      description: "Of its job's page in Nomad's own UI; null where that is not configured.",
      resolve: ({ sessionId }, _args, { observe }) => observe.sessionUrl(sessionId),
    }),
    failure: t.expose("failure", { type: Failure, nullable: true }),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
    terminatedAt: t.expose("terminatedAt", { type: "DateTime", nullable: true }),
  }),
});
