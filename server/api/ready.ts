/**
 * Whether everything answers that Serai needs, and if not, what does not: for `/readyz`. Open to everybody, so however often it is
 * asked, each part is asked once at a time and once a second.
 */
import { AppError } from "../failure.ts";
import type { Changes } from "../store/changes.ts";
import { checkDatabase, type Database } from "../store/database.ts";
import { answeredWithin } from "../store/deadline.ts";

type Needs = {
  readonly database: Database;
  readonly changes: Pick<Changes, "hears">;
  /** Throws what keeps the scheduler from being asked. */
  readonly checkScheduler: () => Promise<void>;
};

/** Less than the patience of whoever asks, usually 5 s and more. */
const deadlineMs = 2500;
const freshMs = 1000;

/** @returns what does not answer, in words; nothing where Serai is ready. */
export function createReadiness({ database, changes, checkScheduler }: Needs): () => Promise<readonly string[]> {
  let last: { readonly at: number; readonly reasons: Promise<readonly string[]> } | null = null;

  async function look(): Promise<readonly string[]> {
    // It is open to everybody: addresses and Nomad's own words are for the log.
    const [databaseSays, schedulerSays] = await Promise.all([
      whyNot(checkDatabase(database), () => "The database does not answer."),
      whyNot(checkScheduler(), (thrown) => (thrown instanceof AppError ? thrown.publicMessage : "The scheduler does not answer.")),
    ]);
    return [...databaseSays, ...(changes.hears ? [] : ["Changes in the database cannot be heard."]), ...schedulerSays];
  }

  return () => {
    if (last === null || performance.now() - last.at > freshMs) last = { at: performance.now(), reasons: look() };
    return last.reasons;
  };
}

async function whyNot(check: Promise<unknown>, inWords: (thrown: unknown) => string): Promise<readonly string[]> {
  return answeredWithin(check, deadlineMs).then(
    () => [],
    (thrown: unknown) => [inWords(thrown)],
  );
}
