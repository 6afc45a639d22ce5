/**
 * What sessions' start actions report. Asked for from the start of an attempt until its start command runs, once more when it has
 * ended, and never of a session that has no actions (its job's meta says so). Once a second while there is news, and less often the
 * longer an action runs: each question goes through Nomad's servers, and a thousand sessions may download for an hour at once.
 *
 * Nothing here holds up what is told of a session but the last words of an attempt that has ended, and those for 5 s at most.
 */
import { setTimeout as wait } from "node:timers/promises";
import { AppError, messageOf } from "../../failure.ts";
import type { Log } from "../../log.ts";
import type { SessionId } from "../../model/ids.ts";
import type { StartFiles } from "../../model/start-report.ts";
import type { NomadClient } from "./client.ts";
import { type Attempt, attemptsOf, type Exit } from "./history.ts";
import { hasEnded, type JobFacts, newestOf } from "./observe.ts";
import { type ReadStart, readStart } from "./start-files.ts";
import { isOfMain, taskOf } from "./task.ts";

const pauseMinMs = 1000;
const pauseMaxMs = 15_000;
/** A tenth of what the action has taken so far: what is told of its end is late by no more. */
export const pauseBefore = (unchangedMs: number): number => Math.min(pauseMaxMs, Math.max(pauseMinMs, unchangedMs / 10));
const lastTimeoutMs = 5000;

export type StartReports = {
  readonly of: (facts: JobFacts, attempt: Attempt) => StartFiles | null;
  /** Begins to ask, or ends asking, by what is known of the session now. */
  readonly follow: (facts: JobFacts) => void;
  /** Whether the last of what the ended attempt reported has been read; begins to read it otherwise. */
  readonly has: (facts: JobFacts, exit: Exit | null) => boolean;
  readonly read: (facts: JobFacts, exit: Exit | null) => Promise<void>;
  /** Sessions of which something new was read. */
  readonly take: () => readonly SessionId[];
  readonly forget: (id: SessionId) => void;
};

type Known = {
  /** By attempt. */
  readonly starts: Map<string, ReadStart>;
  readonly lastReads: Map<string, { over: boolean; readonly reading: Promise<void> }>;
  following: { readonly attempt: string; readonly ending: AbortController } | null;
};

export function openStartReports(client: NomadClient, signal: AbortSignal, wake: () => void, log: Log): StartReports {
  const known = new Map<SessionId, Known>();
  const news = new Set<SessionId>();
  const of = (id: SessionId): Known => {
    const there = known.get(id) ?? { starts: new Map(), lastReads: new Map(), following: null };
    known.set(id, there);
    return there;
  };
  const tell = (id: SessionId): void => {
    news.add(id);
    wake();
  };

  /** Whether there is more to come. */
  async function look(facts: JobFacts, attempt: Attempt, until: AbortSignal): Promise<boolean> {
    const { starts } = of(facts.sessionId);
    const before = starts.get(attempt.key) ?? null;
    const now = await readStart(client, attempt, facts.actionCount, before, until);
    if (now !== null && now !== before && known.has(facts.sessionId)) {
      starts.set(attempt.key, now);
      tell(facts.sessionId);
    }
    return now?.report.ready !== true;
  }

  async function ask(facts: JobFacts, attempt: Attempt, until: AbortSignal): Promise<void> {
    let newsAt = performance.now();
    let read: ReadStart | undefined;
    while (!until.aborted) {
      try {
        if (!(await look(facts, attempt, until))) return;
        const now = of(facts.sessionId).starts.get(attempt.key);
        if (now !== read) newsAt = performance.now();
        read = now;
      } catch (cause) {
        if (until.aborted) return;
        // Not there yet, or the machine does not answer: asked again. What is forbidden stays so.
        if (cause instanceof AppError && cause.message.includes(": 403 ")) {
          log.warn({ session: facts.sessionId, reason: cause.message }, "may not read what start actions report: the token needs read-fs");
          return;
        }
      }
      await wait(pauseBefore(performance.now() - newsAt), undefined, { signal: until }).catch(() => {});
    }
  }

  const begin = (facts: JobFacts, attempt: Attempt): { over: boolean; readonly reading: Promise<void> } => {
    const { lastReads } = of(facts.sessionId);
    const there = lastReads.get(attempt.key);
    if (there !== undefined) return there;
    const reading = look(facts, attempt, AbortSignal.any([signal, AbortSignal.timeout(lastTimeoutMs)]))
      .catch((cause: unknown) => log.debug({ session: facts.sessionId, reason: messageOf(cause) }, "could not read what start actions reported last"))
      .then(() => {
        begun.over = true;
        if (known.has(facts.sessionId)) tell(facts.sessionId);
      });
    const begun = { over: false, reading };
    lastReads.set(attempt.key, begun);
    return begun;
  };
  const endOf = (facts: JobFacts, exit: Exit | null): Attempt | null => (facts.actionCount === 0 ? null : (exit?.attempt ?? null));

  return {
    of: (facts, attempt) => known.get(facts.sessionId)?.starts.get(attempt.key) ?? null,
    follow(facts) {
      if (facts.actionCount === 0) return;
      const session = of(facts.sessionId);
      prune(session, facts);
      const attempt = startingAttempt(facts, session);
      if (session.following?.attempt === attempt?.key) return;
      session.following?.ending.abort();
      session.following = null;
      if (attempt === null) return;
      const ending = new AbortController();
      session.following = { attempt: attempt.key, ending };
      void ask(facts, attempt, AbortSignal.any([signal, ending.signal]));
    },
    has(facts, exit) {
      const attempt = endOf(facts, exit);
      return attempt === null || begin(facts, attempt).over;
    },
    async read(facts, exit) {
      const attempt = endOf(facts, exit);
      if (attempt !== null) await begin(facts, attempt).reading;
    },
    take() {
      const taken = [...news];
      news.clear();
      return taken;
    },
    forget(id) {
      known.get(id)?.following?.ending.abort();
      known.delete(id);
      news.delete(id);
    },
  };
}

/** The newest attempt, while it runs and its start command does not yet. */
function startingAttempt(facts: JobFacts, { starts }: Known): Attempt | null {
  const newest = newestOf(facts.allocations.filter(isOfMain));
  if (!facts.wanted || newest === null || hasEnded(newest) || taskOf(newest)?.State !== "running") return null;
  const attempt = attemptsOf(newest).at(-1) ?? null;
  return attempt === null || attempt.endedAt !== null || starts.get(attempt.key)?.report.ready === true ? null : attempt;
}

/** What Nomad has forgotten is forgotten here. */
function prune({ starts, lastReads }: Known, { allocations }: JobFacts): void {
  const isKnown = (key: string): boolean => allocations.some(({ ID }) => key.startsWith(ID));
  for (const key of starts.keys()) if (!isKnown(key)) starts.delete(key);
  for (const key of lastReads.keys()) if (!isKnown(key)) lastReads.delete(key);
}
