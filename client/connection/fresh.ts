/**
 * What a page shows of something that has no subscription: read at once, then again every few seconds while somebody looks,
 * when the window is looked at again, and when a lost connection is back. Whatever is the same stays the same object, so that
 * reading again costs no rendering; what was read last is shown at once on coming back to a page.
 */
import { useCallback, useEffect, useRef, useState } from "react";
import type { Connection } from "./client.ts";
import { useConnection } from "./current.ts";
import { useLiveness } from "./liveness.ts";

const keptMax = 40;
/** By connection, so that nobody who signs in next sees it. */
const kept = new WeakMap<Connection, Map<string, unknown>>();

export type Fresh<Value> = {
  readonly value: Value | undefined;
  /** Why it could not be read the last time; the value is then as old as the time before. */
  readonly problem: unknown;
  readonly again: () => Promise<void>;
};

/** `key`: what is read; another key is another thing, whose last value is not this one's. `read` has to stay the same function meanwhile. */
export function useFresh<Value>(key: string, read: () => Promise<Value>, everyMs: number): Fresh<Value> {
  const connection = useConnection();
  const store = connection === null ? null : storeOf(connection);
  const [, setTimes] = useState(0);
  const [failed, setFailed] = useState<{ readonly key: string; readonly thrown: unknown } | null>(null);
  const newest = useRef(0);

  const again = useCallback(async (): Promise<void> => {
    const asked = ++newest.current;
    try {
      const value = await read();
      // A later question may have been answered earlier.
      if (asked !== newest.current || store === null) return;
      setFailed(null);
      if (remember(store, key, value)) setTimes((times) => times + 1);
    } catch (thrown) {
      if (asked === newest.current) setFailed({ key, thrown });
    }
  }, [store, key, read]);

  useRepeating(again, everyMs);
  return { value: store?.get(key) as Value | undefined, problem: failed?.key === key ? failed.thrown : undefined, again };
}

/** Runs at once, every so often while the page is visible (less often while the connection is gone), on coming back to the window, and when the connection is back. */
export function useRepeating(run: () => Promise<void>, everyMs: number): void {
  const live = useLiveness().kind === "live";
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let ended = false;
    // What takes long is done less often: it never takes more than a tenth of the time.
    const round = async (): Promise<void> => {
      clearTimeout(timer);
      const began = performance.now();
      await run();
      const wait = Math.max(live ? everyMs : 2 * everyMs, 10 * (performance.now() - began));
      clearTimeout(timer);
      if (!ended && document.visibilityState === "visible") timer = setTimeout(() => void round(), wait);
    };
    const look = (): void => {
      if (document.visibilityState === "visible") void round();
    };
    void round();
    addEventListener("focus", look);
    document.addEventListener("visibilitychange", look);
    return () => {
      ended = true;
      clearTimeout(timer);
      removeEventListener("focus", look);
      document.removeEventListener("visibilitychange", look);
    };
  }, [run, everyMs, live]);
}

function storeOf(connection: Connection): Map<string, unknown> {
  const store = kept.get(connection) ?? new Map<string, unknown>();
  kept.set(connection, store);
  return store;
}

/** True when it is not what was there before. */
function remember(store: Map<string, unknown>, key: string, value: unknown): boolean {
  const before = store.get(key);
  const same = before !== undefined && JSON.stringify(before) === JSON.stringify(value);
  store.delete(key);
  store.set(key, same ? before : value);
  for (const oldest of store.keys()) {
    if (store.size <= keptMax) break;
    store.delete(oldest);
  }
  return !same;
}
