/**
 * Carries out validations: one session each, outside of every service, so that no gateway ever sees it.
 *
 * As services: whatever happens only names a validation, which is then read in full, decided on (validation-step.ts) and acted
 * for, by whoever has the lease of its shard. What wakes: a change of its row, an observation of its session, the outcome of a
 * probe, the time that the step named, a lease that was gained, and every 30 s all of them. Nothing but the last probe is
 * remembered between turns, so another process goes on where this one ended.
 *
 * The scheduler is watched only while there is one, beside the watch of the services: most of the time there is none.
 */
import { AppError, messageOf } from "../failure.ts";
import type { Log } from "../log.ts";
import { backOffMs } from "../model/back-off.ts";
import type { FolderId, SessionId, ValidationId } from "../model/ids.ts";
import { sessionOf } from "../model/session-of.ts";
import type { Observation } from "../model/session.ts";
import { isFinal, type ValidationState } from "../model/validation.ts";
import type { Scheduler } from "../scheduler/scheduler.ts";
import type { Changes } from "../store/changes.ts";
import type { Lease } from "../store/leases.ts";
import { listLiveValidationIds, readValidationState, recordValidation } from "../store/validation-state.ts";
import type { Leases } from "./lease.ts";
import { maskSecrets } from "./mask-secrets.ts";
import { createObservations, type Observations } from "./observations.ts";
import { openProber, type ProbePool } from "./probe.ts";
import { type Keys, readSecrets } from "./read-secrets.ts";
import { stopGraceMs } from "./rollout-moves.ts";
import { openTurns } from "./turns.ts";
import { fail, stepOf, type LastProbe, type ValidationStep } from "./validation-step.ts";

export type ValidationOptions = Keys & {
  readonly changes: Changes;
  readonly scheduler: Scheduler;
  readonly leases: Pick<Leases, "get" | "shards">;
  readonly folderPath: (folderId: FolderId) => string;
  readonly log: Log;
  readonly probes: ProbePool;
};

export type Validations = {
  /** Their leases were gained. */
  lookAt(shards: readonly number[]): void;
} & AsyncDisposable;

const resyncEveryMs = 30_000;
const stepsPerTurnMax = 25;
/** After a turn that did not come to an end in that many steps. */
const restMs = 1000;

type Watch = { readonly observations: Observations; readonly ending: AbortController };

export function openValidations(options: ValidationOptions): Validations {
  const { database, changes, scheduler, leases, log, decryptVariable, folderPath } = options;
  const ending = new AbortController();
  const live = new Map<ValidationId, SessionId>();
  const lastProbes = new Map<ValidationId, LastProbe>();
  const failures = new Map<ValidationId, number>();
  const following = new Set<Promise<void>>();
  let watch: Watch | null = null;

  const turns = openTurns(turn);
  const prober = openProber<ValidationId>(options.probes, async (id, attempt, { passed, detail }) => {
    const before = lastProbes.get(id);
    if (!live.has(id)) return;
    lastProbes.set(id, { attempt, passed, detail });
    if (passed || before?.attempt !== attempt || before.detail !== detail) turns.wake(id);
  });

  async function turn(id: ValidationId): Promise<void> {
    try {
      const lookAgainMs = await settle(id);
      failures.delete(id);
      if (lookAgainMs !== null) turns.wakeIn(id, lookAgainMs);
    } catch (thrown) {
      if (ending.signal.aborted) return;
      const before = failures.get(id) ?? 0;
      failures.set(id, before + 1);
      const superseded = thrown instanceof AppError && thrown.code === "SUPERSEDED";
      if (!superseded) log.warn({ validation: id, reason: messageOf(thrown) }, "a validation's turn failed and will be repeated");
      turns.wakeIn(id, superseded ? 100 : Math.min(30_000, backOffMs(before)));
    }
  }

  /** Until there is nothing more to do now. */
  async function settle(id: ValidationId): Promise<number | null> {
    for (let count = 0; count < stepsPerTurnMax; count++) {
      if (ending.signal.aborted) return null;
      const validation = await readValidationState(database, id, folderPath);
      const lease = validation === null ? null : leases.get(validation.shard);
      if (validation === null || lease === null) {
        forget(id);
        return null;
      }
      live.set(id, validation.sessionId);
      const { observations } = (watch ??= beginWatch());
      // Its first list wakes everybody.
      if (!observations.complete) return null;
      const step = stepOf(validation, await seen(validation, observations), lastProbes.get(id) ?? null);
      prober.watch(id, step.target);
      await act(step, validation, lease, observations);
      if (step.change === null) return step.lookAgainAt === null ? null : step.lookAgainAt.getTime() - validation.readAt.getTime();
    }
    return restMs;
  }

  async function seen(validation: ValidationState, { known }: Observations): Promise<Observation | undefined> {
    const masked = await maskSecrets({ ...validation, routes: [validation] }, known, decryptVariable);
    return masked.get(validation.sessionId);
  }

  async function act({ action, change }: ValidationStep, validation: ValidationState, lease: Lease, observations: Observations): Promise<void> {
    const { id, sessionId } = validation;
    if (action === "stop") await scheduler.stop(sessionId, stopGraceMs);
    const written = action === "submit" ? ((await submit(validation, observations)) ?? change) : change;
    if (written === null) return;
    await recordValidation(database, lease, id, written);
    if (written.status !== undefined && isFinal(written.status)) observations.forget(sessionId);
  }

  /** What is to be written instead, where it cannot be. A scheduler that does not answer is waited for, one that refuses has spoken. */
  async function submit(validation: ValidationState, observations: Observations): Promise<ValidationStep["change"]> {
    const { revision, projectId, id, sessionId, name } = validation;
    const read = await readSecrets(revision, projectId, options);
    if (!read.ok) return fail(validation, undefined, read.why);
    try {
      await scheduler.submit(sessionOf({ id, name: name ?? "validation", projectId }, revision, { id, sessionId }, [], read.value));
    } catch (thrown) {
      if (!(thrown instanceof AppError) || thrown.code !== "SCHEDULER_REFUSED") throw thrown;
      return fail(validation, undefined, { cause: "START_FAILED", message: thrown.publicMessage, hint: null });
    }
    observations.submitted(sessionId);
    return null;
  }

  /** It has ended, or is somebody else's now. */
  function forget(id: ValidationId): void {
    prober.watch(id, null);
    live.delete(id);
    lastProbes.delete(id);
    failures.delete(id);
    if (live.size > 0) return;
    watch?.ending.abort();
    watch = null;
  }

  function beginWatch(): Watch {
    const begun = { observations: createObservations(), ending: new AbortController() };
    // A bug that ends it earlier ends the process, so that whoever supervises it starts it again.
    const task = follow(begun).finally(() => following.delete(task));
    following.add(task);
    return begun;
  }

  async function follow({ observations, ending: ended }: Watch): Promise<void> {
    for await (const batch of scheduler.watch(AbortSignal.any([ended.signal, ending.signal]))) {
      const isFirst = !observations.complete;
      const news = new Set(observations.take(batch));
      for (const [id, sessionId] of live) if (isFirst || news.delete(sessionId)) turns.wake(id);
      // Nobody here waits for the end of somebody else's session.
      const ours = new Set(live.values());
      for (const sessionId of news) if (!ours.has(sessionId) && observations.known.get(sessionId)?.state === "GONE") observations.forget(sessionId);
    }
  }

  async function wakeShards(shards: readonly number[]): Promise<void> {
    try {
      for (const id of await listLiveValidationIds(database, shards)) turns.wake(id);
    } catch (thrown) {
      log.warn({ reason: messageOf(thrown) }, "validations could not be listed");
    }
  }

  async function followChanges(): Promise<void> {
    for await (const turnOfChanges of changes.subscribe(ending.signal)) {
      if (turnOfChanges === "everything") await wakeShards(leases.shards());
      else for (const change of turnOfChanges) if (change.startsWith("validation:")) turns.wake(change.slice("validation:".length) as ValidationId);
    }
  }

  following.add(followChanges());
  void wakeShards(leases.shards());
  const resync = setInterval(() => void wakeShards(leases.shards()), resyncEveryMs);

  return {
    lookAt: (shards) => void wakeShards(shards),
    async [Symbol.asyncDispose]() {
      clearInterval(resync);
      ending.abort();
      await prober[Symbol.asyncDispose]();
      await turns[Symbol.asyncDispose]();
      await Promise.allSettled(following);
    },
  };
}
