/**
 * Turns NOTIFY into async iterables: the one ear of a process on the database.
 *
 * A change is a wake-up, never a fact: it carries only the id of what changed, and whoever wakes reads again. So changes
 * may be merged, repeated or lost without harm. Losing them is noticed in two ways: postgres.js calls `onlisten` after
 * every reconnect, and once a second one cheap read of the sequence `change_version` (which every notifying change moves)
 * tells of a connection that died silently. In both cases every subscriber is told to re-read `everything`.
 *
 * The check has a connection of its own, which it throws away when an answer takes too long: of what the network has swallowed,
 * TCP tells only after many minutes, and hung checks must not fill the pool that everybody else uses. What the check finds out holds
 * for everybody's connections: they are renewed as well. So is the ear, because postgres.js tries only once to listen again.
 */
import { messageOf } from "../failure.ts";
import type { Log } from "../log.ts";
import { openDatabase, replaced, type Database } from "./database.ts";
import { answeredWithin } from "./deadline.ts";
import { type ChangeSet, createMailboxes } from "./mailboxes.ts";

export type Changes = {
  /**
   * What changed since the last turn: `service:<id>`, `folder:<id>` …, merged while the subscriber was busy.
   * Subscribing is effective when this returns: a change after it is never missed.
   *
   * @param except leaves out what this writer has written under its name (`serai.writer`).
   */
  subscribe(signal: AbortSignal, except?: string): AsyncIterable<ChangeSet>;
  /** False while nothing can be heard from the database. */
  readonly hears: boolean;
  /** When it was last certain that nothing had been missed, by `performance.now()`; null where it never was. */
  readonly heardAtMs: number | null;
  /** How often the timer, and not a notification, told that something had changed. Should stay flat. */
  readonly corrections: number;
  /** How many subscribe now. */
  readonly subscribers: number;
} & AsyncDisposable;

const channel = "serai";
const checkEveryMs = 1000;
const checkDeadlineMs = 5000;

/**
 * Rejects where the database does not answer, unless `patient`: then it hears as soon as the database answers, and subscribers are told of
 * everything.
 */
export async function openChanges(database: Database, log: Log, { patient = false } = {}): Promise<Changes> {
  const mailboxes = createMailboxes();
  const state = { hears: true, heardAtMs: null as number | null, corrections: 0, heardVersion: 0n, closed: false };

  function heard(payload: string): void {
    const [version, change, writer] = payload.split(" ", 3);
    if (version === undefined || change === undefined) return;
    if (BigInt(version) > state.heardVersion) state.heardVersion = BigInt(version);
    mailboxes.tell(change, writer);
  }

  let ear = openDatabase(database.url, 1);
  const listen = () => ear.sql.listen(channel, heard, () => mailboxes.tell("everything"));
  /** Whatever was said meanwhile nobody has heard: listening tells everybody to re-read everything. */
  async function listenAnew(): Promise<void> {
    if (state.closed) return;
    ear = replaced(ear);
    await answeredWithin(listen(), checkDeadlineMs);
  }

  let own = openDatabase(database.url, 1);
  try {
    await listen();
    state.heardVersion = await readVersion(own);
    state.heardAtMs = performance.now();
  } catch (thrown) {
    if (!patient) throw thrown;
    state.hears = false;
    own = replaced(own);
  }
  const timer = setInterval(() => void check(), checkEveryMs);
  let checking = false;
  async function check(): Promise<void> {
    if (checking) return;
    checking = true;
    try {
      const heardBefore = state.heardVersion;
      const version = await answeredWithin(readVersion(own), checkDeadlineMs);
      if (!state.hears) await listenAnew();
      state.hears = true;
      // A change that is being committed right now has moved the sequence but not notified yet: it is missing only when a
      // whole turn later it still has not been heard of.
      if (missing !== null && heardBefore < missing) {
        state.corrections += 1;
        state.heardVersion = missing > state.heardVersion ? missing : state.heardVersion;
        await listenAnew();
      }
      missing = version > state.heardVersion ? version : null;
      if (missing === null) state.heardAtMs = performance.now();
    } catch (thrown) {
      if (state.hears && !state.closed) log.warn({ reason: messageOf(thrown) }, "the database cannot be reached; waiting for it");
      if (state.hears) database.renew();
      state.hears = false;
      if (!state.closed) own = replaced(own);
    } finally {
      checking = false;
    }
  }
  let missing: bigint | null = null;

  return {
    subscribe: mailboxes.subscribe,
    get hears() {
      return state.hears;
    },
    get heardAtMs() {
      return state.heardAtMs;
    },
    get corrections() {
      return state.corrections;
    },
    get subscribers() {
      return mailboxes.size();
    },
    [Symbol.asyncDispose]: async () => {
      state.closed = true;
      clearInterval(timer);
      await Promise.all([ear[Symbol.asyncDispose](), own[Symbol.asyncDispose]()]);
    },
  };
}

async function readVersion(database: Database): Promise<bigint> {
  const [row] = await database.sql<{ version: string }[]>`select (last_value - (not is_called)::int)::text as version from change_version`;
  return BigInt(row?.version ?? "0");
}
