/** How many connections there may be at all listeners together, and from one address: so that nobody can use up what all need. */
import type { Socket } from "node:net";

export type ConnectionLimits = { readonly totalMax: number; readonly perAddressMax: number };

export type Connections = {
  /** False where there are too many: it is to be turned away. Counts until the socket is closed. */
  admit(socket: Socket): boolean;
  count(): number;
};

/** One address may have half of them: behind a load balancer all come from one. */
export const defaultConnectionLimits: ConnectionLimits = { totalMax: 20_000, perAddressMax: 10_000 };

export function openConnections({ totalMax, perAddressMax }: ConnectionLimits): Connections {
  const byAddress = new Map<string, number>();
  let total = 0;
  return {
    admit(socket) {
      const address = socket.remoteAddress ?? "";
      const count = byAddress.get(address) ?? 0;
      if (total >= totalMax || count >= perAddressMax) return false;
      total += 1;
      byAddress.set(address, count + 1);
      socket.once("close", () => {
        total -= 1;
        const left = (byAddress.get(address) ?? 1) - 1;
        if (left > 0) byAddress.set(address, left);
        else byAddress.delete(address);
      });
      return true;
    },
    count: () => total,
  };
}
