/**
 * Sessions that belong to no route: left over where a process died between asking the scheduler and writing, or where the database
 * was set back to an older state. They hold machines and serve nobody, so they are stopped after a while. But a restored backup must
 * not stop the world: where they would be many at once, it waits until an administrator says so.
 *
 * A session id is used once, so what has been nobody's for so long is never anybody's again. A session in whose seat a live route's
 * session sits is that route's business: a hot swap hands its job on.
 */
import type { SessionId } from "../model/ids.ts";
import { seatOf } from "../model/seat.ts";

export type Sighting = {
  /** Sessions of this installation that the scheduler has and that are not ending. */
  readonly seen: Iterable<SessionId>;
  /** Of live routes, as the database had them after `seen` was seen. */
  readonly live: Iterable<SessionId>;
  /** Since when each orphan of the last look is one. */
  readonly since: ReadonlyMap<SessionId, number>;
  readonly nowMs: number;
  readonly waitMs: number;
  /** An administrator said that all of them may be stopped. */
  readonly confirmed: boolean;
};

export type Orphans = {
  /** For the next look. */
  readonly since: ReadonlyMap<SessionId, number>;
  readonly stop: readonly SessionId[];
  /** Those that are not stopped before an administrator says so. */
  readonly waiting: readonly SessionId[];
};

/** Of everything there is: one that a small installation still has may be its only service. */
const partMax = 1 / 5;

export function findOrphans({ seen, live, since, nowMs, waitMs, confirmed }: Sighting): Orphans {
  const sessions = [...seen];
  const seats = new Set([...live].map(seatOf));
  const orphans = new Map(sessions.filter((id) => !seats.has(seatOf(id))).map((id) => [id, since.get(id) ?? nowMs]));
  const due = [...orphans].filter(([, from]) => nowMs - from >= waitMs).map(([id]) => id);
  // All of them count, also those whose time has not come: a world that is noticed little by little would be stopped so.
  const many = orphans.size > sessions.length * partMax;
  return many && !confirmed ? { since: orphans, stop: [], waiting: due } : { since: orphans, stop: due, waiting: [] };
}
