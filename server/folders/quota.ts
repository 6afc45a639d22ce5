/**
 * How many bytes may still come into a folder.
 *
 * What is used is measured by walking through the folder, at most every `freshMs`, and what this process writes meanwhile is added. What
 * unfinished uploads still need is taken as theirs already, so that an upload of hours does not fail at its last byte; and what is being
 * written in this process likewise. Sessions write past this: a quota bounds what comes in through Serai. Two API processes may each let
 * in what fits alone: the next measurement shows it.
 */
import type { FolderId } from "../model/ids.ts";
import { done, type Outcome, type Refusal } from "../model/problem.ts";
import { asSentence } from "../model/words.ts";
import { inWords } from "./bytes.ts";

const freshMs = 10_000;
/** How long a reader waits for the first figure before it says that there is none yet. */
const patienceMs = 300;

type Measured = { bytes: number; readonly at: number };

export type Quota = {
  /** Refused where these bytes do not fit besides what is there, what is being written, and what unfinished uploads still need. */
  roomFor(folderId: FolderId, bytes: number): Promise<Outcome<null>>;
  /** The same, and they are the asker's until it is done: a hundred that fit alone do not come in together. */
  reserve(folderId: FolderId, bytes: number): Promise<Outcome<Disposable>>;
  /** Bytes that may still come; null: as many as the disk takes. */
  room(folderId: FolderId): Promise<number | null>;
  /** The newest figure that is to be had at once; null: not measured yet. */
  usedBytes(folderId: FolderId): Promise<number | null>;
  /** This process has put so many bytes into the folder (or taken them away: less than 0). */
  changedBy(folderId: FolderId, bytes: number): void;
  /** Measure again at the next question. */
  forget(folderId: FolderId): void;
};

/** Null: the folder is gone. `promisedBytes` are the sizes of its unfinished uploads. */
export type ReadLimit = (folderId: FolderId) => Promise<{ readonly quotaBytes: number | null; readonly promisedBytes: number } | null>;

export function createQuota(measure: (folderId: FolderId) => Promise<number>, readLimit: ReadLimit): Quota {
  const measured = new Map<FolderId, Measured>();
  const measuring = new Map<FolderId, Promise<Measured>>();
  const reserved = new Map<FolderId, number>();
  let turn: Promise<unknown> = Promise.resolve();

  function remeasure(folderId: FolderId): Promise<Measured> {
    const present = measuring.get(folderId);
    if (present !== undefined) return present;
    // One at a time: a list of a hundred folders must not walk through all of them at once.
    const mine = turn.then(async () => {
      const result = { bytes: await measure(folderId), at: Date.now() };
      measured.set(folderId, result);
      return result;
    });
    turn = mine.catch(() => {});
    measuring.set(folderId, mine);
    void turn.then(() => measuring.delete(folderId));
    return mine;
  }

  async function used(folderId: FolderId): Promise<number> {
    const present = measured.get(folderId);
    if (present !== undefined && Date.now() - present.at < freshMs) return present.bytes;
    return (await remeasure(folderId)).bytes;
  }

  async function budget(folderId: FolderId): Promise<Budget | null> {
    const limit = await readLimit(folderId);
    if (limit === null || limit.quotaBytes === null) return null;
    return { quota: limit.quotaBytes, used: await used(folderId), promised: limit.promisedBytes };
  }

  const reservedIn = (folderId: FolderId): number => reserved.get(folderId) ?? 0;
  /** Without waiting for anything, so that nobody comes between the answer and what is done with it. */
  const fits = (folderId: FolderId, present: Budget, bytes: number): boolean =>
    present.used + present.promised + reservedIn(folderId) + bytes <= present.quota;

  return {
    async roomFor(folderId, bytes) {
      const present = await budget(folderId);
      return present === null || fits(folderId, present, bytes) ? done(null) : overQuota(present, bytes);
    },
    async reserve(folderId, bytes) {
      if (bytes <= 0) return done({ [Symbol.dispose]: () => {} });
      const present = await budget(folderId);
      if (present !== null && !fits(folderId, present, bytes)) return overQuota(present, bytes);
      reserved.set(folderId, reservedIn(folderId) + bytes);
      return done({
        [Symbol.dispose]() {
          const rest = reservedIn(folderId) - bytes;
          if (rest > 0) reserved.set(folderId, rest);
          else reserved.delete(folderId);
        },
      });
    },
    async room(folderId) {
      const present = await budget(folderId);
      return present === null ? null : Math.max(0, present.quota - present.used - present.promised - reservedIn(folderId));
    },
    async usedBytes(folderId) {
      const present = measured.get(folderId);
      if (present !== undefined && Date.now() - present.at < freshMs) return present.bytes;
      const fresh = remeasure(folderId).then(
        ({ bytes }) => bytes,
        () => null,
      );
      const { promise: late, resolve } = Promise.withResolvers<null>();
      const patience = setTimeout(resolve, patienceMs, null);
      const figure = await Promise.race([fresh, late]);
      clearTimeout(patience);
      return figure ?? present?.bytes ?? null;
    },
    changedBy(folderId, bytes) {
      const present = measured.get(folderId);
      if (present !== undefined) present.bytes = Math.max(0, present.bytes + bytes);
    },
    forget: (folderId) => void measured.delete(folderId),
  };
}

type Budget = { readonly quota: number; readonly used: number; readonly promised: number };

/** Names the field by which `isOverQuota` knows it. */
const field = "quota";

function overQuota({ quota, used, promised }: Budget, bytes: number): Outcome<never> {
  const uploads = promised === 0 ? "" : `, ${inWords(promised)} are promised to unfinished uploads`;
  const needs = `and this needs ${inWords(bytes)} more: delete something, or raise the quota`;
  const message = `the folder may hold ${inWords(quota)}; ${inWords(used)} are used${uploads}, ${needs}`;
  // Nobody typed a quota here: the sentence stands alone.
  return { ok: false, refusal: { kind: "validation", message: asSentence(message), fields: [{ path: field, message }] } };
}

export const isOverQuota = (refusal: Refusal): boolean => refusal.kind === "validation" && refusal.fields.some(({ path }) => path === field);
