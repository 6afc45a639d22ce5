/**
 * Whether what is on the screen is live. It follows the one WebSocket: while that is open, every subscription delivers
 * changes; when it is gone, what is shown is as old as the loss, and the frame says so. It is not live either while questions
 * by HTTP get no answer, although the socket may seem open: pages without a subscription are then as old as their last answer.
 */
import { useSyncExternalStore } from "react";

export type Liveness =
  | { readonly kind: "live" }
  /** `since`: until when the data was live (milliseconds of the epoch); null before the first connection. */
  | { readonly kind: "reconnecting"; readonly since: number | null };

let liveness: Liveness = { kind: "reconnecting", since: null };
let isOpen = false;
let isAnswered = true;
const listeners = new Set<() => void>();

function set(next: Liveness): void {
  liveness = next;
  for (const listener of listeners) listener();
}

/** The first loss counts: attempts that fail afterwards make the data no younger. */
function follow(now: number): void {
  if (isOpen && isAnswered) {
    if (liveness.kind !== "live") set({ kind: "live" });
  } else if (liveness.kind === "live") set({ kind: "reconnecting", since: now });
}

/** The socket. */
export function markOpen(open: boolean, now: number): void {
  isOpen = open;
  follow(now);
}

/** What was asked by HTTP. */
export function markAnswered(answered: boolean, now: number): void {
  isAnswered = answered;
  follow(now);
}

export function markUnknown(): void {
  isOpen = false;
  isAnswered = true;
  set({ kind: "reconnecting", since: null });
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useLiveness = (): Liveness => useSyncExternalStore(subscribe, () => liveness);
