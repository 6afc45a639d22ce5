/** What ended attempts wrote last, each read once, because the machine may be gone the next time. */
import type { Allocation } from "./api-types.ts";
import type { NomadClient } from "./client.ts";
import type { Exit } from "./history.ts";
import { readTail } from "./last-words.ts";

export type Outputs = {
  readonly of: (exit: Exit) => string;
  /** Whether it has been read; begins to read it otherwise. */
  readonly has: (exit: Exit | null) => boolean;
  /** Whether another end of these is still being read: they end faster than that goes. */
  readonly isBehind: (allocations: readonly Allocation[], exit: Exit | null) => boolean;
  readonly read: (exits: readonly (Exit | null)[]) => Promise<void>;
  readonly forget: (allocations: readonly Allocation[]) => void;
};

export function openOutputs(client: NomadClient, signal: AbortSignal, wake: () => void): Outputs {
  const read = new Map<string, string>();
  const reading = new Map<string, Promise<void>>();
  const begin = (exit: Exit): Promise<void> => {
    const there = reading.get(exit.key);
    if (there !== undefined) return there;
    const begun = readTail(client, exit, signal).then((text) => {
      read.set(exit.key, text);
      reading.delete(exit.key);
      wake();
    });
    reading.set(exit.key, begun);
    return begun;
  };
  const isRead = (exit: Exit | null): boolean => exit === null || !exit.hasOutput || read.has(exit.key);
  return {
    of: (exit) => read.get(exit.key) ?? "",
    has(exit) {
      if (exit !== null && !isRead(exit)) void begin(exit);
      return isRead(exit);
    },
    isBehind: (allocations, exit) => [...reading.keys()].some((key) => key !== exit?.key && allocations.some(({ ID }) => key.startsWith(ID))),
    async read(exits) {
      await Promise.all(exits.flatMap((exit) => (exit === null || isRead(exit) ? [] : [begin(exit)])));
    },
    forget(allocations) {
      for (const key of read.keys()) if (allocations.some(({ ID }) => key.startsWith(ID))) read.delete(key);
    },
  };
}
