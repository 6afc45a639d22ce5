/**
 * No connection stays with the primary for ever. node:cluster gives one to a process and keeps it until that has taken or declined it; so it
 * stays open and unanswered, for as long as the primary lives,
 *   - where the process dies before it says anything: here it is taken for declined, and Node gives the connection to another;
 *   - where the process declines it, because it has just closed the port, and no other listens there any more: here it is closed.
 *
 * Node tells nobody of this, so it is read from its own messages (`newconn` and the answer to it, lib/internal/cluster of Node 24). Where a
 * later Node has others, nothing is done here, and test/gateway/closing.test.ts fails.
 */
import type { Worker } from "node:cluster";

type Connection = { close(): void };
type Message = {
  readonly cmd?: string;
  readonly act?: string;
  readonly seq?: number;
  readonly ack?: number;
  readonly accepted?: boolean;
};

/** For a process that is busy to take one that another has declined. */
const takenWithinMs = 1000;

export type HandedOver = Disposable & {
  /** Before the first connection is given to it. */
  watch(worker: Worker): void;
};

/** In place of a process that has ended. */
function decline(worker: Worker, given: ReadonlyMap<number, Connection>): void {
  // Where it has not taken its last connection Node does not notice that it has gone, and would go on giving it some.
  worker.disconnect();
  for (const ack of given.keys()) worker.process.emit("internalMessage", { cmd: "NODE_CLUSTER", ack, accepted: false });
}

export function openHandedOver(): HandedOver {
  const declined = new Map<Connection, NodeJS.Timeout>();

  function taken(connection: Connection): void {
    clearTimeout(declined.get(connection));
    declined.delete(connection);
  }

  function endUnlessTaken(connection: Connection): void {
    const late = setTimeout(() => {
      declined.delete(connection);
      connection.close();
    }, takenWithinMs);
    declined.set(connection, late);
  }

  return {
    watch(worker) {
      const { process: child } = worker;
      const given = new Map<number, Connection>();
      const send = child.send.bind(child) as (message: Message, ...rest: readonly unknown[]) => boolean;
      child.send = (message: Message, ...rest: readonly unknown[]): boolean => {
        if (message.cmd === "NODE_CLUSTER" && message.act === "newconn" && message.seq !== undefined) {
          const connection = rest[0] as Connection;
          given.set(message.seq, connection);
          taken(connection);
        }
        return send(message, ...rest);
      };
      // Before Node hears it, and gives a declined one to the next that is free.
      child.prependListener("internalMessage", ({ cmd, ack, accepted }: Message) => {
        const connection = cmd === "NODE_CLUSTER" && ack !== undefined ? given.get(ack) : undefined;
        if (connection === undefined || ack === undefined) return;
        given.delete(ack);
        if (accepted !== true) endUnlessTaken(connection);
      });
      // What it said last is read by then.
      worker.once("exit", () => setImmediate(() => decline(worker, given)));
    },
    [Symbol.dispose]() {
      for (const connection of declined.keys()) taken(connection);
    },
  };
}
