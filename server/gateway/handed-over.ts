/**
 * No connection stays with the primary for ever. node:cluster gives one to a process and keeps it until that has taken or declined it; so it
 * stays open and unanswered, for as long as the primary lives,
 *   - where the process dies before it says anything: here it is taken for declined, and Node gives the connection to another;
 *   - where the process declines it, because it has just closed the port, and no other listens there any more: here it is closed. While
 *     another does, Node has it in a queue, from which it goes to the next process that is free, and which ends with the last that listens:
 *     to close it there would have Node give away what is closed, and wait for an answer for ever.
 *
 * Node tells nobody of this, so it is read from its own messages (who listens by the answer to `queryServer` and by `close`; `newconn` and
 * the answer to it; lib/internal/cluster of Node 24). Where a later Node has others, nothing is done here, and test/gateway/closing.test.ts
 * fails.
 */
import type { Worker } from "node:cluster";

type Connection = { close(): void };
/** Of one port, from when the first opens it until the last has closed it: to Node the next are others, with a queue of their own. */
type Listeners = Set<Worker>;
type Given = { readonly connection: Connection; readonly listeners: Listeners };
type Message = {
  readonly cmd?: string;
  readonly act?: string;
  /** Of the port. */
  readonly key?: string;
  readonly seq?: number;
  readonly ack?: number;
  readonly errno?: number | null;
  readonly accepted?: boolean;
};

/** @returns what is to be called with each process before the first connection is given to it. */
export function openHandedOver(): (worker: Worker) => void {
  const ports = new Map<string, Listeners>();

  function listenersAt(key: string): Listeners {
    const listeners = ports.get(key) ?? new Set();
    ports.set(key, listeners);
    return listeners;
  }

  function leave(worker: Worker, key: string): void {
    const listeners = listenersAt(key);
    listeners.delete(worker);
    if (listeners.size === 0) ports.delete(key);
  }

  function leaveAll(worker: Worker): void {
    for (const key of ports.keys()) leave(worker, key);
  }

  /** In place of a process that has ended. */
  function decline(worker: Worker, given: ReadonlyMap<number, Given>): void {
    // Where it has not taken its last connection Node does not notice that it has gone, and would go on giving it some.
    worker.disconnect();
    leaveAll(worker);
    for (const ack of given.keys()) worker.process.emit("internalMessage", { cmd: "NODE_CLUSTER", ack, accepted: false });
  }

  return (worker) => {
    const { process: child } = worker;
    const given = new Map<number, Given>();
    const send = child.send.bind(child) as (message: Message, ...rest: readonly unknown[]) => boolean;
    child.send = (message: Message, ...rest: readonly unknown[]): boolean => {
      const { cmd, act, key, seq, ack, errno } = message;
      if (cmd === "NODE_CLUSTER" && key !== undefined) {
        if (act === "newconn" && seq !== undefined) given.set(seq, { connection: rest[0] as Connection, listeners: listenersAt(key) });
        else if (ack !== undefined && errno === null) listenersAt(key).add(worker);
      }
      return send(message, ...rest);
    };
    // Before Node hears it, and gives a declined one to the next that is free.
    child.prependListener("internalMessage", ({ cmd, act, key, ack, accepted }: Message) => {
      if (cmd !== "NODE_CLUSTER") return;
      if (act === "close" && key !== undefined) leave(worker, key);
      const one = ack === undefined ? undefined : given.get(ack);
      if (one === undefined || ack === undefined) return;
      given.delete(ack);
      if (accepted !== true && one.listeners.size === 0) one.connection.close();
    });
    worker.once("disconnect", () => leaveAll(worker));
    // What it said last is read by then.
    worker.once("exit", () => setImmediate(() => decline(worker, given)));
  };
}
