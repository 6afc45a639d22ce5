/**
 * What a gateway that is one of several processes has in place of a database: messages to its primary, which has the one connection, the one
 * ear on changes and the one file of the last table.
 */
import { createMailboxes } from "../store/mailboxes.ts";
import type { GatewayOptions } from "./gateway.ts";
import type { GatewayStore } from "./gateway-store.ts";
import type { FromProcess, Hearing, ToProcess } from "./process-messages.ts";

export type GatewayLink = Pick<GatewayOptions, "store" | "changes"> & {
  /** To be called with what the primary tells of the database. */
  heed(message: ToProcess): void;
};

export function createGatewayLink(send: (message: FromProcess) => void, first: Hearing): GatewayLink {
  const calls = new Map<number, PromiseWithResolvers<unknown>>();
  const mailboxes = createMailboxes();
  let callCount = 0;
  let hearing = first;
  let hearingSinceMs = performance.now();

  function call(method: string, args: readonly unknown[]): Promise<unknown> {
    const answer = Promise.withResolvers<unknown>();
    callCount += 1;
    calls.set(callCount, answer);
    send({ kind: "call", call: callCount, method, args });
    return answer.promise;
  }

  function take(id: number): PromiseWithResolvers<unknown> | undefined {
    const answer = calls.get(id);
    calls.delete(id);
    return answer;
  }

  return {
    store: new Proxy({} as GatewayStore, {
      get:
        (_target, method) =>
        (...args: readonly unknown[]) =>
          call(String(method), args),
    }),
    changes: {
      subscribe: mailboxes.subscribe,
      get hears() {
        return hearing.hears;
      },
      get heardAtMs() {
        return hearing.silentMs === null ? null : hearingSinceMs - hearing.silentMs;
      },
    },
    heed(message) {
      if (message.kind === "returned") take(message.call)?.resolve(message.value);
      if (message.kind === "failed") take(message.call)?.reject(new Error(message.reason));
      if (message.kind !== "heard") return;
      hearing = message.hearing;
      hearingSinceMs = performance.now();
      for (const change of message.changes) mailboxes.tell(change);
    },
  };
}
