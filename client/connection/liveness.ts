/**
 * Whether what is on the screen is live. It follows the one WebSocket: while that is open, every subscription delivers
 * changes; when it is gone, what is shown is as old as the loss, and the frame says so.
 */
import { useSyncExternalStore } from "react";

export type Liveness =
  | { readonly kind: "live" }
  /** `since`: until when the data was live (milliseconds of the epoch); null before the first connection. */
  | { readonly kind: "reconnecting"; readonly since: number | null };

let liveness: Liveness = { kind: "reconnecting", since: null };
const listeners = new Set<() => void>();

function set(next: Liveness): void {
  liveness = next;
  for (const listener of listeners) listener();
}

export const markLive = (): void => set({ kind: "live" });

/** The first loss counts: attempts that fail afterwards make the data no younger. */
export function markLost(now: number): void {
  if (liveness.kind === "live") set({ kind: "reconnecting", since: now });
}

export const markUnknown = (): void => set({ kind: "reconnecting", since: null });

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useLiveness = (): Liveness => useSyncExternalStore(subscribe, () => liveness);
