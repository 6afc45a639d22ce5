/** Notices the end of adopted processes. The kernel tells only a parent, and theirs was the Serai before this one; so they are looked at every half second, all in one go. */
import { isAlive } from "./processes.ts";
import type { ProcessIdentity } from "./progress.ts";

const pauseMs = 500;

export type ExitWatch = { readonly add: (identity: ProcessIdentity, ended: () => void) => void };

export function openExitWatch(closing: AbortSignal): ExitWatch {
  const watched = new Map<ProcessIdentity, () => void>();
  let timer: NodeJS.Timeout | null = null;

  const stop = (): void => {
    if (timer !== null) clearInterval(timer);
    timer = null;
  };
  const look = (): void => {
    for (const [identity, ended] of watched) {
      if (isAlive(identity)) continue;
      watched.delete(identity);
      ended();
    }
    if (watched.size === 0) stop();
  };
  closing.addEventListener("abort", stop, { once: true });
  return {
    add(identity, ended) {
      watched.set(identity, ended);
      if (!closing.aborted) timer ??= setInterval(look, pauseMs);
    },
  };
}
