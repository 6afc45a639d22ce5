/**
 * Keeps one listener open per permanent port: opened when a service gets its address, closed when the service is gone.
 * A port that something else holds is tried again every second for as long as it is wanted; the other services are not affected.
 */
import { hostname } from "node:os";
import { messageOf } from "../failure.ts";
import type { Log } from "../log.ts";
import type { Listener } from "./listen.ts";

export type PermanentPorts = {
  /** Resolves when every wanted port is open or was found to be taken, so that a start is not over too early. */
  apply(wanted: ReadonlySet<number>): Promise<void>;
  drain(): Promise<void>;
  close(): Promise<void>;
};

/** A port that cannot be opened, and one plain sentence why. */
export type TakenPort = { readonly port: number; readonly reason: string };

const retryAfterMs = 1000;

/** @param onTaken is told of all ports that cannot be opened now, whenever these are others than before. */
export function keepPermanentPorts(
  open: (port: number) => Promise<Listener>,
  log: Log,
  onTaken: (taken: readonly TakenPort[]) => void = () => {},
): PermanentPorts {
  const listeners = new Map<number, Promise<Listener | null>>();
  const leaving = new Set<Listener>();
  const retries = new Map<number, NodeJS.Timeout>();
  const taken = new Map<number, TakenPort>();
  let isClosed = false;

  function setTaken(port: number, reason: string | null): void {
    if ((taken.get(port)?.reason ?? null) === reason) return;
    if (reason === null) taken.delete(port);
    else taken.set(port, { port, reason });
    onTaken([...taken.values()]);
  }

  async function tryToOpen(port: number, isFirst: boolean): Promise<Listener | null> {
    try {
      const listener = await open(port);
      if (!isFirst) log.info({ port }, "the permanent port is free again and open now");
      setTaken(port, null);
      return listener;
    } catch (thrown) {
      if (isFirst) log.warn({ port, reason: messageOf(thrown) }, "the permanent port cannot be opened; it is tried again every second");
      if (listeners.has(port)) setTaken(port, reasonOf(port, thrown as NodeJS.ErrnoException));
      return null;
    }
  }

  /** Only the port's newest attempt is repeated: one that was left meanwhile must not take the place of another. */
  function begin(port: number, isFirst: boolean): void {
    const opening = tryToOpen(port, isFirst);
    listeners.set(port, opening);
    void opening.then((listener) => {
      if (listener !== null || isClosed || listeners.get(port) !== opening) return;
      const again = setTimeout(() => isClosed || begin(port, false), retryAfterMs);
      retries.set(port, again);
    });
  }

  /** A port that is given to another service soon after is opened again once the last request of this one has ended. */
  async function leave(port: number, opening: Promise<Listener | null>): Promise<void> {
    clearTimeout(retries.get(port));
    retries.delete(port);
    listeners.delete(port);
    setTaken(port, null);
    const listener = await opening;
    if (listener === null) return;
    leaving.add(listener);
    await listener.drain();
    leaving.delete(listener);
  }

  const every = (end: (listener: Listener) => Promise<void>) =>
    Promise.all(
      [...listeners.values()].map(async (opening) => {
        const listener = await opening;
        if (listener !== null) await end(listener);
      }),
    );

  return {
    async apply(ports) {
      if (isClosed) return;
      for (const [port, opening] of listeners) if (!ports.has(port)) void leave(port, opening);
      for (const port of ports) if (!listeners.has(port)) begin(port, true);
      await Promise.all(listeners.values());
    },
    async drain() {
      isClosed = true;
      await Promise.all([every((listener) => listener.drain()), ...[...leaving].map((listener) => listener.drain())]);
    },
    async close() {
      isClosed = true;
      for (const timer of retries.values()) clearTimeout(timer);
      await Promise.all([every((listener) => listener.close()), ...[...leaving].map((listener) => listener.close())]);
    },
  };
}

function reasonOf(port: number, { code, message }: NodeJS.ErrnoException): string {
  const why = code === "EADDRINUSE" ? "something else listens on it" : code === "EACCES" ? "Serai may not open it" : message;
  return `Port ${port} of ${hostname()} cannot be opened: ${why}. It is tried again every second.`;
}
