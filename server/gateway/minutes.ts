/**
 * What has been counted in each minute and the database does not have yet.
 *
 * A minute is told as what has been counted in it so far, never as what has come since: telling it once more, because nobody knows whether
 * the last time arrived, counts nothing twice. Of minutes that wait for a database that is away, those beyond `waitingMax` are counted
 * together with the oldest, the only one of which something may have arrived already; so nothing is lost, and it stays bounded.
 */
import type { Counts } from "../model/traffic.ts";
import { type AllFigures, bringUpTo, type Figures, type Subject, type Whose } from "./figures.ts";

/** Never changed: a newer one takes its place. */
export type MinuteRow = { readonly subject: Subject; readonly whose: Whose; readonly counts: Counts; readonly inFlight: number };
/** `news`: rows that have not been told. */
type Minute = { readonly atMs: number; readonly rows: Map<Subject, MinuteRow>; readonly news: Set<MinuteRow> };

export type Minutes = {
  /** Takes in what has been counted since. */
  look(): void;
  /** Of the oldest minute what is to be told next; null where there is nothing. */
  next(): { readonly minute: Minute; readonly rows: readonly MinuteRow[] } | null;
  /** What came from `next` has arrived. */
  told(minute: Minute, rows: readonly MinuteRow[]): void;
};

const minuteMs = 60_000;
const minuteOf = (nowMs: number): number => Math.floor(nowMs / minuteMs) * minuteMs;

/** @param subjects of which there may be more: only what is not among them is forgotten. */
export function openMinutes(figures: AllFigures, subjects: () => ReadonlySet<Subject>, now: () => number = Date.now, waitingMax = 30): Minutes {
  /** What each had counted when the minute began. */
  const starts = new WeakMap<Figures, Counts>();
  const waiting: Minute[] = [];
  let current = openMinute(minuteOf(now()));

  function openMinute(atMs: number): Minute {
    const minute: Minute = { atMs, rows: new Map(), news: new Set() };
    waiting.push(minute);
    return minute;
  }

  function put(minute: Minute, row: MinuteRow): void {
    const older = minute.rows.get(row.subject);
    if (older !== undefined) minute.news.delete(older);
    minute.rows.set(row.subject, row);
    minute.news.add(row);
  }

  function take(): void {
    for (const [subject, one] of figures.known) {
      if (!one.hasNews && one.inFlight === 0) continue;
      bringUpTo(one, performance.now());
      one.hasNews = false;
      const start = starts.get(one);
      const counts = start === undefined ? one.counts.slice() : one.counts.map((count, at) => count - (start[at] ?? 0));
      put(current, { subject, whose: one.whose, counts, inFlight: one.inFlight });
    }
  }

  function begin(atMs: number): void {
    const wanted = subjects();
    for (const [subject, one] of figures.known) {
      if (current.rows.has(subject)) starts.set(one, one.counts.slice());
      else if (!wanted.has(subject)) figures.forget(subject);
    }
    if (current.news.size === 0) waiting.pop();
    current = openMinute(atMs);
    if (waiting.length > waitingMax + 1) mergeOldest();
  }

  function mergeOldest(): void {
    const [oldest, second] = waiting.splice(0, 2);
    if (oldest === undefined || second === undefined) return;
    for (const row of second.rows.values()) {
      const counts = oldest.rows.get(row.subject)?.counts;
      put(oldest, counts === undefined ? row : { ...row, counts: row.counts.map((count, at) => count + (counts[at] ?? 0)) });
    }
    waiting.unshift(oldest);
  }

  return {
    look() {
      take();
      // A clock that is set back makes this minute longer.
      if (minuteOf(now()) > current.atMs) begin(minuteOf(now()));
    },
    next() {
      const [minute = current] = waiting;
      return minute.news.size === 0 ? null : { minute, rows: [...minute.news] };
    },
    told(minute, rows) {
      for (const row of rows) minute.news.delete(row);
      if (minute.news.size === 0 && minute !== current) waiting.shift();
    },
  };
}
