/**
 * A world in memory around plan(): a virtual clock, a store that applies changes as the real one does (simulated-store.ts), and a
 * scheduler that can misbehave (simulated-scheduler.ts), all by one seed. The promises about what is ended are checked at every action.
 */
import { judgeProbe } from "../../server/control/judge-probe.ts";
import { plan, type Action } from "../../server/control/plan.ts";
import type { Room } from "../../server/model/room.ts";
import type { RevisionId, SessionId } from "../../server/model/ids.ts";
import { defaultRolloutPolicy, type RolloutPolicy, routesOf, withSteps } from "../../server/model/rollout.ts";
import { nextInSeat } from "../../server/model/seat.ts";
import { createScheduler, randomBy } from "./simulated-scheduler.ts";
import { revision, routeWith, runnable, serviceWith } from "./simulated-service.ts";
import { apply, applyRollout, beginRollout, settle, type StoredService } from "./simulated-store.ts";

const noSeat = { culprit: "OTHER", sentence: "No seat is free.", numbers: {}, remedies: [] } as const;

export type Simulation = {
  wish(desiredRouteCount: number): void;
  /** Another revision; a bad one starts, and ends at once, always. */
  modify(how: { bad: boolean; policy?: RolloutPolicy }): void;
  restart(): void;
  rollBack(): void;
  promote(): void;
  terminate(): void;
  strangersArrive(): void;
  /** Every machine on which something runs is drained; what is placed from now on is placed on others. */
  drainMachines(): void;
  cancelDrain(): void;
  /** Lets so many steps of about a second pass. */
  run(steps: number, how: { misbehaving: boolean }): void;
  /** Lets time pass, with a scheduler that behaves, until nothing has changed for a while. */
  settle(): void;
  /** What made a bad revision bad is over. */
  heal(): void;
  /** A revision whose definition has problems. */
  breakDefinition(): void;
  healthy(): number;
  /** Of what the service should be on. */
  healthyOnWish(): number;
  /** The least that was healthy since this was asked last. */
  leastHealthy(): number;
  sessions(): number;
  readonly service: StoredService;
  readonly mostSessionsOfARoute: number;
  readonly isTerminated: boolean;
  readonly isOnBad: boolean;
};

/** Longer than any step of a rollout holds, and than any wait of the scheduler. */
const quietSteps = 40;
const stepsMax = 1000;

export function createSimulation(seed: number, seats = Infinity): Simulation {
  const random = randomBy(seed);
  const bad = new Set<RevisionId>();
  const scheduler = createScheduler({ random, seats, isBad: (id) => bad.has(id) });
  let now = 1_000_000;
  let made = 0;
  let service: StoredService = {
    ...serviceWith({ revisionId: revision(1), revisions: new Map([[revision(1), runnable]]) }, []),
    stableRevisionId: null,
  };
  let room: { readonly rolloutId: string; readonly room: Room } | null = null;
  let isTerminated = false;
  let least = 0;

  const healthyIn = (at: StoredService): number => at.routes.filter(({ status }) => status === "HEALTHY").length;
  /** Besides what is on machines that are drained. */
  const liveIn = (at: StoredService): number => at.routes.filter(({ status, leaving }) => status !== "DRAINING" && !leaving).length;
  const newSessionId = (): SessionId => `ses_${++made}` as SessionId;
  const note = (): void => void (least = Math.min(least, healthyIn(service)));

  function decide(): void {
    for (let turn = 0; turn < 60; turn++) {
      if (isTerminated) return;
      service = { ...settle(service), readAt: new Date(now) };
      const known = room !== null && room.rolloutId === service.rollout?.id ? room.room : null;
      const { actions } = plan({ service, observations: scheduler.observations(), recorded: new Map(), lastProbes: new Map(), room: known });
      for (const action of actions) checked(action);
      note();
      if (actions.every((action) => action.kind === "stop" || action.kind === "retry"))
        return scheduler.forget((id) => service.routes.some((route) => route.sessionId === id));
    }
    throw new Error(`plan() does not come to rest: ${JSON.stringify({ ...service, revisions: undefined })}`);
  }

  /** What control itself ends never takes more from users than the policy allows. */
  function checked(action: Action): void {
    const before = service;
    act(action);
    if (action.kind === "create" || action.kind === "swap") noMoreThan(before);
    const lost = healthyIn(before) - healthyIn(service);
    const ends =
      action.kind === "swap" || (action.kind === "record" && action.changes.every(({ transitions }) => transitions.at(-1)?.status === "DRAINING"));
    if (lost <= 0 || !ends || before.terminating) return;
    const { desiredRouteCount: desired, rollout } = before;
    const unavailable = rollout === null ? 0 : Math.max(routesOf(rollout.policy.maxUnavailable, desired, "down"), action.kind === "swap" ? 1 : 0);
    // Those that have found no place for long are not waited for.
    const placeless = before.routes.filter((route) => route.status === "SCHEDULING" && now - route.statusAt.getTime() >= 15_000).length;
    if (healthyIn(service) < Math.min(desired - placeless - unavailable, healthyIn(before)))
      throw new Error(`ended too much: ${healthyIn(before)} -> ${healthyIn(service)} of ${desired}: ${JSON.stringify(action)}`);
  }

  /** What control itself creates is never more than the policy allows. */
  function noMoreThan(before: StoredService): void {
    const { rollout, desiredRouteCount: desired } = before;
    if (rollout === null) return;
    const surge = rollout.mode === "IN_PLACE" ? 0 : routesOf(rollout.policy.maxSurge, desired, "up");
    if (liveIn(service) > Math.max(desired + surge, liveIn(before))) throw new Error(`created too many: ${liveIn(service)} of ${desired}`);
  }

  function create(count: number, fields: Parameters<typeof routeWith>[0]): void {
    const fresh = Array.from({ length: count }, () => routeWith({ createdAt: new Date(now), statusAt: new Date(now), ...fields }, ++made));
    service = { ...service, routes: [...service.routes, ...fresh] };
  }

  function act(action: Action): void {
    switch (action.kind) {
      case "create":
        return create(action.count, { revisionId: action.revisionId });
      case "record":
        service = apply(service, action.changes, new Date(now), newSessionId);
        return;
      case "swap": {
        const { leaves, route, revisionId } = action.swap;
        service = apply(service, [leaves], new Date(now), newSessionId);
        return create(1, { revisionId, sessionId: nextInSeat(route.sessionId), predecessorId: route.id });
      }
      case "rollout":
        service = applyRollout(service, action.change);
        return;
      case "preview":
        room = {
          rolloutId: service.rollout?.id ?? "",
          room: scheduler.hasRoom() ? { fits: true } : { fits: false, fitsInPlace: true, why: noSeat.sentence, explanation: noSeat },
        };
        return;
      case "submit":
        return scheduler.submit(action.route.sessionId, action.route.id, action.route.revisionId);
      case "replace":
        return scheduler.replace(action.old, action.route.sessionId, action.route.id, action.route.revisionId);
      case "stop":
        return scheduler.stop(action.sessionId);
      case "retry":
        return scheduler.retry(action.sessionId);
      case "finish":
        isTerminated = true;
    }
  }

  function probes(misbehaving: boolean): void {
    for (const route of service.routes) {
      const passed = !misbehaving || random() < 0.7;
      const probed = ["WARMING_UP", "HEALTHY", "UNHEALTHY"].includes(route.status) && route.host !== null && !bad.has(route.revisionId);
      const change = probed ? judgeProbe(route, { passed, detail: passed ? "" : "no", at: new Date(now) }, true) : null;
      if (change !== null) service = apply(service, [change], new Date(now), newSessionId);
    }
  }

  function roll(revisionId: RevisionId, how: { kind: "MODIFY" | "ROLLBACK" | "RESTART"; restartedAt?: Date; policy?: RolloutPolicy }): void {
    service = { ...service, revisions: new Map([...service.revisions, [revisionId, runnable]]) };
    const wish = { id: `rol_${++made}`, kind: how.kind, revisionId, policy: withSteps(how.policy ?? defaultRolloutPolicy) };
    service = beginRollout(service, { ...wish, restartedAt: how.restartedAt ?? service.restartedAt });
  }

  return {
    wish: (desiredRouteCount) => void (service = { ...service, desiredRouteCount }),
    modify(how) {
      const id = revision(`m${++made}`);
      if (how.bad) bad.add(id);
      roll(id, { kind: "MODIFY", ...(how.policy === undefined ? {} : { policy: how.policy }) });
    },
    restart: () => roll(service.revisionId, { kind: "RESTART", restartedAt: new Date(++now) }),
    rollBack: () => roll(revision(1), { kind: "ROLLBACK" }),
    promote: () => void (service = { ...service, rollout: service.rollout && { ...service.rollout, promoted: true } }),
    strangersArrive: () => scheduler.strangersArrive(),
    drainMachines() {
      service = { ...service, routes: service.routes.map((route) => ({ ...route, leaving: route.leaving || route.node !== null })) };
    },
    cancelDrain: () => void (service = { ...service, routes: service.routes.map((route) => ({ ...route, leaving: false })) }),
    terminate: () => void (service = { ...service, terminating: true }),
    run(steps, { misbehaving }) {
      for (let step = 0; step < steps; step++) {
        if (isTerminated) return;
        now += misbehaving ? 200 + Math.floor(random() * 2000) : 1000;
        scheduler.move(now, misbehaving);
        decide();
        probes(misbehaving);
        decide();
      }
    },
    settle() {
      let quiet = 0;
      let before = "";
      for (let step = 0; quiet < quietSteps && step < stepsMax; step++) {
        this.run(1, { misbehaving: false });
        const story = service.routes.map(({ id, status, attempt }) => `${id} ${status} ${attempt}`);
        const seen = JSON.stringify([story, service.rollout, service.revisionId, scheduler.sessions()]);
        // Who waits before the next start, which may be minutes, is not done.
        const waits = service.routes.some(({ retryAt }) => retryAt !== null && retryAt.getTime() > now);
        quiet = seen === before && !waits ? quiet + 1 : 0;
        before = seen;
      }
    },
    heal: () => bad.clear(),
    breakDefinition() {
      const id = revision(`broken${++made}`);
      service = { ...service, revisionId: id, rollout: null };
    },
    healthy: () => healthyIn(service),
    healthyOnWish: () => service.routes.filter(({ status, revisionId }) => status === "HEALTHY" && revisionId === service.revisionId).length,
    leastHealthy() {
      const was = least;
      least = healthyIn(service);
      return was;
    },
    sessions: () => scheduler.sessions(),
    get service() {
      return service;
    },
    get mostSessionsOfARoute() {
      return scheduler.mostSessionsOfARoute;
    },
    get isTerminated() {
      return isTerminated;
    },
    get isOnBad() {
      return bad.has(service.revisionId);
    },
  };
}
