/** Services as control reads them, made up for tests of pure decisions. */
import type { RolloutState, RouteState, ServiceState } from "../../server/model/control-state.ts";
import type { RevisionId, SessionId } from "../../server/model/ids.ts";
import type { ModelDefinition } from "../../server/model/model-definition.ts";
import { defaultRolloutPolicy } from "../../server/model/rollout.ts";
import type { RunnableRevision } from "../../server/model/session-of.ts";

const definition: ModelDefinition = {
  models: [
    {
      name: "test",
      model_path: "/models",
      service: { pre_start_actions: [], start_command: ["x"], shell: null, health_check: null, port: 8000 },
      metadata: {},
    },
  ],
};

export const runnable: RunnableRevision = {
  definition,
  environment: { kind: "HOST" },
  resourceGroup: { id: "rg_test" as never, name: "default", nodePool: "default" },
  resources: { cpu: 0.1, memoryGiB: 0.125, sharedMemoryGiB: 0, accelerators: [] },
  folderPath: "/folders/test",
  cluster: null,
  modelReadOnly: false,
  extraMounts: [],
  variables: [],
};

/** The ids of revisions by which tests speak. */
export const revision = (name: string | number): RevisionId => `rev_${name}` as RevisionId;

export const routeWith = (fields: Partial<RouteState>, index: number): RouteState => ({
  id: `rt_${index}` as RouteState["id"],
  revisionId: revision("current"),
  sessionId: `ses_${index}` as SessionId,
  status: "PENDING",
  statusReason: "",
  statusAt: new Date(0),
  node: null,
  nodeId: null,
  leaving: false,
  host: null,
  port: null,
  attempt: null,
  probeFailures: 0,
  restarts: 0,
  restarting: false,
  retryAt: null,
  retryNow: false,
  failure: null,
  failures: 0,
  predecessorId: null,
  judgedExitAt: null,
  createdAt: new Date(index),
  declaredPort: 8000,
  healthCheck: { path: "/", max_retries: 3, interval: 1, max_wait_time: 1, expected_status_code: 200, initial_delay: 3 },
  ...fields,
});

export const rolloutWith = (fields: Partial<RolloutState> = {}): RolloutState => ({
  id: "rol_test" as RolloutState["id"],
  kind: "MODIFY",
  status: "ROLLING",
  mode: "SURGE",
  fromRevisionId: revision("older"),
  fromRestartedAt: null,
  toRevisionId: revision("current"),
  toNumber: 2,
  policy: defaultRolloutPolicy,
  step: 0,
  stepAt: null,
  promoted: false,
  ...fields,
});

export const serviceWith = (fields: Partial<ServiceState>, routes: readonly Partial<RouteState>[]): ServiceState => ({
  readAt: new Date(0),
  id: "svc_test" as ServiceState["id"],
  projectId: "prj_test" as ServiceState["projectId"],
  name: "test",
  shard: 0,
  desiredRouteCount: 1,
  terminating: false,
  terminationGraceMs: 5000,
  revisionId: revision("current"),
  restartedAt: null,
  rollout: null,
  revisions: new Map([
    [revision("current"), runnable],
    [revision("older"), runnable],
  ]),
  routes: routes.map(routeWith),
  secrets: [],
  idleWhileDraining: null,
  ...fields,
});
