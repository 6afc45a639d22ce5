/**
 * The connection of whoever is signed in, or null when nobody is. Outside of React, because it lives as long as the
 * session does: a 401 ends it, and a socket that was closed for good is replaced after a moment by a new connection.
 */
import { useSyncExternalStore } from "react";
import { openConnection, type Connection } from "./client.ts";
import { markUnknown } from "./liveness.ts";

const reopenMs = 3_000;
const listeners = new Set<() => void>();
let current: Connection | null = null;

function set(next: Connection | null): void {
  current?.close();
  current = next;
  for (const listener of listeners) listener();
}

/** There is a session, as far as is known: the first answer will tell. */
export function enter(): void {
  markUnknown();
  open();
}

export const leave = (): void => set(null);

function open(): void {
  const opened = openConnection(
    () => current === opened && leave(),
    () => setTimeout(() => current === opened && open(), reopenMs),
  );
  set(opened);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useConnection = (): Connection | null => useSyncExternalStore(subscribe, () => current);
