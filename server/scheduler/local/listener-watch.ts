/**
 * Waits until sessions listen on their ports. A port alone proves nothing: between Serai's choice of it and the session's
 * bind, any other program may have taken it, and requests (with their tokens) would go there. So a listener counts only
 * when its socket is held by a process of the session.
 *
 * One pass serves all who wait: the socket tables are read once, processes only when one of the ports has a listener.
 * A pass comes after 50 ms while somebody has just started, up to 1 s while all load for long, and never when nobody waits.
 */
import type { Log } from "../../log.ts";
import type { SessionId } from "../../model/ids.ts";
import { type Listener, readListeners, socketsOf } from "./listeners.ts";
import { type ProcessEntry, processesOf, type ProcessTable } from "./processes.ts";
import type { ProcessIdentity } from "./progress.ts";

export type Awaited = {
  readonly id: SessionId;
  readonly leader: ProcessIdentity;
  readonly port: number;
  readonly signal: AbortSignal;
  /** Called once, with where it listens. */
  readonly found: (host: string) => void;
  /** Called once, when another process has the port. */
  readonly taken: () => void;
};
type Waiting = Awaited & { pauseMs: number; foreignPasses: number };

const shortestPauseMs = 50;
const longestPauseMs = 1000;

export type ListenerWatch = { readonly add: (awaited: Awaited) => void };

export function openListenerWatch(processes: ProcessTable, log: Log, closing: AbortSignal): ListenerWatch {
  const waiting = new Set<Waiting>();
  let timer: NodeJS.Timeout | null = null;
  let passing = false;

  const schedule = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (passing || closing.aborted || waiting.size === 0) return;
    timer = setTimeout(() => void pass(), Math.min(...[...waiting].map(({ pauseMs }) => pauseMs)));
  };
  const pass = async (): Promise<void> => {
    passing = true;
    try {
      for (const one of waiting) if (one.signal.aborted) waiting.delete(one);
      await settle(waiting, processes);
    } catch (error) {
      log.warn({ error }, "could not look for listeners; trying again");
    } finally {
      passing = false;
      schedule();
    }
  };
  closing.addEventListener("abort", schedule, { once: true });
  return {
    add(awaited) {
      waiting.add({ ...awaited, pauseMs: shortestPauseMs, foreignPasses: 0 });
      schedule();
    },
  };
}

async function settle(waiting: Set<Waiting>, processes: ProcessTable): Promise<void> {
  const listeners = await readListeners();
  const ports = new Set(listeners.map(({ port }) => port));
  const entries = [...waiting].some(({ port }) => ports.has(port)) ? await processes() : [];
  for (const one of waiting) {
    one.pauseMs = Math.min(one.pauseMs * 1.25, longestPauseMs);
    const candidates = listeners.filter(({ port }) => port === one.port);
    if (candidates.length === 0) continue;
    const own = await ownListener(one, candidates, entries);
    if (one.signal.aborted) continue;
    if (own !== null) {
      waiting.delete(one);
      one.found(own.host);
    } else if (++one.foreignPasses === 2) {
      one.taken();
    }
  }
}

async function ownListener({ id, leader }: Awaited, candidates: readonly Listener[], entries: readonly ProcessEntry[]): Promise<Listener | null> {
  for (const { pid } of processesOf(entries, id, leader)) {
    const sockets = await socketsOf(pid);
    const own = candidates.find(({ inode }) => sockets.has(inode));
    if (own !== undefined) return own;
  }
  return null;
}
