/**
 * The contract of a scheduler: it places sessions on machines and keeps them running, also while Serai itself is down.
 *
 * Two implementations stand behind it: `nomad/` for real work, `local/` for one machine. Both pass the one suite in
 * test/contract/scheduler.ts. Promises that the rest of Serai builds on:
 *
 * 1. `submit`, `replace` and `stop` are idempotent by session id and safe to repeat at any time, also after a crash half way.
 * 2. Recovery is the scheduler's: a session whose process ends is started again after a wait (the first 1 to 5 s, doubling
 *    to 5 min), without anybody asking, until it is stopped.
 * 3. An address is reported only for the newest attempt, only while it runs, and on the local scheduler only when the
 *    listener behind the port belongs to the session.
 * 4. A session's environment is built from nothing: no variable of Serai's own process reaches it.
 * 5. Sessions of other installations are neither seen nor touched.
 */
import type { SessionId } from "../model/ids.ts";
import type { LogChunk, LogQuery } from "../model/logs.ts";
import type { ComputeNode, Preview } from "../model/observe.ts";
import type { Observation, Session } from "../model/session.ts";

export interface Scheduler extends AsyncDisposable {
  readonly kind: "nomad" | "local";
  /** Resolves where it can be asked for something; otherwise throws what keeps it from that, in words for whoever runs Serai. */
  check(): Promise<void>;
  /** Keep this session running until it is stopped. Where an earlier session of its seat is there, this is `replace`. */
  submit(session: Session): Promise<void>;
  /**
   * The same, in the seat of `old`, of which it is a later session (model/seat.ts; AppError INTERNAL otherwise): the room is handed over
   * in one step, so nobody who waits can take it in between. The old session is asked to end (SIGTERM, SIGKILL after 30 s, sooner where
   * `stop` says so) at the moment when the new one is placed, and the new one's process starts when it has ended. Where the new one
   * needs more than the seat has and there is no more, the old one runs on until there is. Where the old one is gone or being stopped,
   * nothing is handed over: this is `submit`. While it is there, an earlier session of the seat can neither be submitted nor replace it.
   */
  replace(old: SessionId, session: Session): Promise<void>;
  /**
   * SIGTERM, wait up to `graceMs`, SIGKILL. Resolves when it is asked for; GONE is observed when it is done. Ends no later session of
   * the seat; an earlier one that still waits to be replaced ends with it.
   */
  stop(id: SessionId, graceMs: number): Promise<void>;
  /** Leave back-off now. Nothing happens to a session that is not backing off. */
  retry(id: SessionId): Promise<void>;
  /**
   * Everything there is first, as one array, then changes in arrays as they come. After it had to list anew (a lost
   * connection), the whole again with `complete: true`: what is missing in it is GONE. Never ends while the signal lives;
   * outages are waited out inside.
   */
  watch(signal: AbortSignal): AsyncIterable<{ readonly complete: boolean; readonly observations: readonly Observation[] }>;
  /**
   * What it wrote, also while it backs off, and of one that is gone for as long as it is kept. Followed, it ends with the session, and one
   * that is not there is waited for; not followed, AppError LOG_NOT_KEPT where the session is not there and nothing of it is kept. One that
   * ended without having run wrote nothing. What is an attempt differs: Nomad writes one that it restarts in place to the end of the log before.
   * Throws AppError where the machine that has it cannot be asked; reading can go on from the last chunk.
   */
  logs(id: SessionId, query: LogQuery): AsyncIterable<LogChunk>;
  /** Would it be placed now? What an earlier session of its seat has counts as free. */
  preview(session: Session): Promise<Preview>;
  nodes(): Promise<readonly ComputeNode[]>;
  /**
   * Whether new sessions may be placed on a machine, not even in a seat that is handed on; what is there goes on, and is restarted there. One
   * that the scheduler itself drains stops being drained when it is made eligible. AppError SCHEDULER_REFUSED where there is no such machine.
   */
  setEligible(nodeId: string, eligible: boolean): Promise<void>;
}
