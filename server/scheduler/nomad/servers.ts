/**
 * The servers of a Nomad cluster, any of which answers for all: asked is the one that answered last, and when it cannot be reached, the
 * next. What is only read is asked of every server once. What changes something is asked of another one only where nothing can have
 * arrived: a repeated submission would be harmless, but whoever asked decides that, on what the cluster looks like by then.
 */
import { AppError } from "../../failure.ts";

export type Servers = {
  readonly ask: <T>(kind: "READ" | "CHANGE", call: (address: string) => Promise<T>) => Promise<T>;
};

export function openServers(addresses: readonly string[]): Servers {
  let first = 0;
  const at = (offset: number): string => addresses[(first + offset) % addresses.length] as string;
  return {
    async ask(kind, call) {
      const order = addresses.map((_, offset) => at(offset));
      for (const [index, address] of order.entries()) {
        try {
          return await call(address);
        } catch (cause) {
          if (!isAway(cause)) throw cause;
          // Whoever asks next begins at the next one, also where this call ends here.
          if (at(0) === address) first = (first + 1) % addresses.length;
          const isLast = index === order.length - 1;
          if (isLast || !(kind === "READ" || isUnsent(cause))) throw cause;
        }
      }
      throw new AppError("INTERNAL", "a Nomad cluster without a server");
    },
  };
}

const isAway = (thrown: unknown): boolean => thrown instanceof AppError && thrown.code === "SCHEDULER_UNAVAILABLE";

const unsentCodes: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** There was no connection to send it over. */
const isUnsent = (thrown: unknown): boolean => {
  const cause = thrown instanceof AppError ? thrown.cause : null;
  return cause instanceof Error && unsentCodes.has((cause as { readonly code?: unknown }).code);
};
