/**
 * How many connections there may be at all listeners together, and from one address: so that nobody can use up what all need. Where the
 * gateway is several processes, each is told what the others have, some 100 ms late.
 */
import type { Socket } from "node:net";

export type ConnectionLimits = { readonly totalMax: number; readonly perAddressMax: number };

/** By address: how many connections it has. */
export type AddressCounts = readonly (readonly [address: string, count: number])[];

export type Connections = {
  /** False where there are too many: it is to be turned away. Counts until the socket is closed. */
  admit(socket: Socket): boolean;
  count(): number;
  /** What another process has; null: it is gone. */
  heed(process: number, counts: AddressCounts | null): void;
};

/** One address may have half of them: behind a load balancer all come from one. */
export const defaultConnectionLimits: ConnectionLimits = { totalMax: 20_000, perAddressMax: 10_000 };

/** @param changes is told of every change, until its owner takes it out. */
export function openConnections({ totalMax, perAddressMax }: ConnectionLimits, changes: Map<string, number> | null = null): Connections {
  const byAddress = new Map<string, number>();
  const elsewhere = new Map<number, Map<string, number>>();
  let total = 0;
  let totalElsewhere = 0;

  function add(address: string, more: 1 | -1): void {
    total += more;
    const count = (byAddress.get(address) ?? 0) + more;
    if (count > 0) byAddress.set(address, count);
    else byAddress.delete(address);
    changes?.set(address, count);
  }

  function countOf(address: string): number {
    let count = byAddress.get(address) ?? 0;
    for (const counts of elsewhere.values()) count += counts.get(address) ?? 0;
    return count;
  }

  return {
    admit(socket) {
      const address = socket.remoteAddress ?? "";
      if (total + totalElsewhere >= totalMax || countOf(address) >= perAddressMax) return false;
      add(address, 1);
      socket.once("close", () => add(address, -1));
      return true;
    },
    count: () => total,
    heed(process, counts) {
      const known = elsewhere.get(process) ?? new Map<string, number>();
      if (counts === null) elsewhere.delete(process);
      else elsewhere.set(process, known);
      for (const [address, count] of counts ?? known.keys().map((gone) => [gone, 0] as const)) {
        totalElsewhere += count - (known.get(address) ?? 0);
        if (count > 0) known.set(address, count);
        else known.delete(address);
      }
    },
  };
}
