/**
 * A world in memory around plan(): a virtual clock, a store that applies changes as the real one does, and a scheduler that, when
 * told to misbehave, places late, fails, loses sessions and repeats old news, by a seed.
 */
import { apply } from "./simulated-store.ts";
import { judgeProbe } from "../../server/control/judge-probe.ts";
import { plan } from "../../server/control/plan.ts";
import type { RouteState, ServiceState } from "../../server/model/control-state.ts";
import type { ModelDefinition } from "../../server/model/model-definition.ts";
import type { SessionId } from "../../server/model/ids.ts";
import type { Observation } from "../../server/model/session.ts";

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

const routeWith = (fields: Partial<RouteState>, index: number): RouteState => ({
  id: `rt_${index}` as RouteState["id"],
  revisionId: "rev_current" as RouteState["revisionId"],
  sessionId: `ses_${index}` as SessionId,
  status: "PENDING",
  statusReason: "",
  statusAt: new Date(0),
  node: null,
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

export const serviceWith = (fields: Partial<ServiceState>, routes: readonly Partial<RouteState>[]): ServiceState => ({
  readAt: new Date(0),
  id: "svc_test" as ServiceState["id"],
  projectId: "prj_test" as ServiceState["projectId"],
  name: "test",
  shard: 0,
  desiredRouteCount: 1,
  terminating: false,
  terminationGraceMs: 5000,
  revisionId: "rev_current" as ServiceState["revisionId"],
  revision: {
    definition,
    environment: { kind: "HOST" },
    resourceGroup: { id: "rg_test" as never, name: "default", nodePool: "default" },
    resources: { cpu: 0.1, memoryGiB: 0.125, sharedMemoryGiB: 0 },
    folderPath: "/folders/test",
    modelReadOnly: false,
    extraMounts: [],
    variables: [],
  },
  routes: routes.map(routeWith),
  secrets: [],
  idleWhileDraining: null,
  ...fields,
});

export type Simulation = {
  wish(desiredRouteCount: number): void;
  terminate(): void;
  /** Lets so many steps of about a second pass. */
  run(steps: number, how: { misbehaving: boolean }): void;
  healthy(): number;
  sessions(): number;
  readonly mostSessionsOfARoute: number;
  readonly isTerminated: boolean;
};

export function createSimulation(seed: number): Simulation {
  const random = randomBy(seed);
  let now = 1_000_000;
  let made = 0;
  let service = serviceWith({}, []);
  let isTerminated = false;
  let mostSessionsOfARoute = 0;
  const running = new Map<SessionId, Observation & { readonly routeId: string }>();

  function decide(): void {
    for (let turn = 0; turn < 40 && !isTerminated; turn++) {
      service = { ...service, readAt: new Date(now) };
      const observations = new Map([...running].map(([id, observation]) => [id, observation as Observation]));
      const { actions } = plan({ service, observations, recorded: new Map(), lastProbes: new Map() });
      for (const action of actions) act(action);
      if (actions.every((action) => action.kind === "stop" || action.kind === "retry")) return forgetEnded();
    }
    if (!isTerminated) throw new Error(`plan() does not come to rest: ${JSON.stringify(service.routes)}`);
  }

  /** As control does: nobody asks for a session that is gone and that no route has any more. */
  function forgetEnded(): void {
    for (const [id, { state }] of running) if (state === "GONE" && !service.routes.some((route) => route.sessionId === id)) running.delete(id);
  }

  function act(action: ReturnType<typeof plan>["actions"][number]): void {
    if (action.kind === "create") {
      const fresh = Array.from({ length: action.count }, () => routeWith({ createdAt: new Date(now), statusAt: new Date(now) }, ++made));
      service = { ...service, routes: [...service.routes, ...fresh] };
    }
    if (action.kind === "record") service = apply(service, action.changes, new Date(now), () => `ses_${++made}` as SessionId);
    const stopped = action.kind === "stop" ? running.get(action.sessionId) : undefined;
    if (stopped !== undefined && stopped.state !== "GONE") running.set(stopped.sessionId, { ...stopped, state: "STOPPING", address: null });
    if (action.kind === "finish") isTerminated = true;
    if (action.kind === "submit" && !running.has(action.route.sessionId)) {
      running.set(action.route.sessionId, { ...unplaced(action.route.sessionId), routeId: action.route.id });
      const ofRoute = [...running.values()].filter(({ routeId, state }) => routeId === action.route.id && state !== "GONE").length;
      mostSessionsOfARoute = Math.max(mostSessionsOfARoute, ofRoute);
    }
  }

  function schedulerMoves(misbehaving: boolean): void {
    for (const [id, seen] of running) {
      const fate = random();
      if (seen.state === "GONE") continue;
      if (seen.state === "STOPPING") {
        if (fate < 0.3) running.set(id, { ...seen, state: "GONE" });
      } else if (misbehaving && fate < 0.02) running.delete(id);
      else if (misbehaving && fate < 0.04) running.set(id, { ...seen, state: "GONE", address: null });
      else if (misbehaving && fate < 0.06 && seen.attempt !== null) running.set(id, { ...seen, state: "PLACED", address: null });
      else if (misbehaving && fate < 0.12)
        running.set(id, { ...seen, state: "BACKING_OFF", address: null, retryAt: new Date(now + 3000), lastExit: exit(now) });
      else if (misbehaving && fate < 0.18) running.set(id, { ...unplaced(id), routeId: seen.routeId });
      else if (!misbehaving || fate < 0.6) running.set(id, { ...seen, ...further(seen, now, misbehaving && seen.address === null && fate < 0.5) });
    }
  }

  function probes(misbehaving: boolean): void {
    for (const route of service.routes) {
      const passed = !misbehaving || random() < 0.7;
      const probed = ["WARMING_UP", "HEALTHY", "UNHEALTHY"].includes(route.status) && route.host !== null;
      const change = probed ? judgeProbe(route, { passed, detail: passed ? "" : "no", at: new Date(now) }, true) : null;
      if (change !== null) service = apply(service, [change], new Date(now), () => `ses_${++made}` as SessionId);
    }
  }

  return {
    wish: (desiredRouteCount) => void (service = { ...service, desiredRouteCount }),
    terminate: () => void (service = { ...service, terminating: true }),
    run(steps, { misbehaving }) {
      for (let step = 0; step < steps; step++) {
        if (isTerminated) return;
        now += misbehaving ? 200 + Math.floor(random() * 2000) : 1000;
        schedulerMoves(misbehaving);
        decide();
        probes(misbehaving);
        decide();
      }
    },
    healthy: () => service.routes.filter((route) => route.status === "HEALTHY").length,
    sessions: () => [...running.values()].filter(({ state }) => state !== "GONE").length,
    get mostSessionsOfARoute() {
      return mostSessionsOfARoute;
    },
    get isTerminated() {
      return isTerminated;
    },
  };
}

/** @param deaf it runs, but listens to nobody. */
function further(seen: Observation, now: number, deaf: boolean): Partial<Observation> {
  const node = { id: "n", name: "n" };
  if (seen.state === "UNPLACED") return { state: "PLACED", attempt: `a${now}`, node, unplaced: null };
  if (seen.state === "BACKING_OFF")
    return seen.retryAt !== null && seen.retryAt.getTime() > now ? {} : { state: "PLACED", attempt: `a${now}`, node, retryAt: null };
  return { state: "RUNNING", address: deaf ? null : { host: "127.0.0.1", port: 4000 } };
}

const unplaced = (sessionId: SessionId): Observation => ({
  sessionId,
  state: "UNPLACED",
  attempt: null,
  node: null,
  address: null,
  retryAt: null,
  lastExit: null,
  unplaced: null,
  step: null,
  events: [],
});
const exit = (now: number) => ({ code: 1, signal: null, outOfMemory: false, at: new Date(now), outputTail: "", message: null, action: null });

/** mulberry32: small, and the same on every machine. */
function randomBy(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
