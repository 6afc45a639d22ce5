/**
 * The console's connection to Serai: queries and mutations by HTTP, subscriptions over one WebSocket.
 *
 * The socket is opened at once and kept open also on pages that subscribe to nothing, because the frame's dot speaks for
 * it. It pings every 10 s, so that a machine that was put to sleep or a cable that was pulled is noticed; it tries again
 * for ever, with waits up to 5 s. After a reconnection graphql-ws repeats every subscription, and each starts with the
 * present state, so nothing has to be reloaded by hand.
 *
 * A 401 means that the session is over: the caller is told once and shows the sign-in page.
 */
import { cacheExchange } from "@urql/exchange-graphcache";
import { createClient as createSocketClient } from "graphql-ws";
import { Client, fetchExchange, mapExchange, subscriptionExchange } from "urql";
import { ViewerDocument } from "../gql/graphql.ts";
import { cacheOptions } from "./cache.ts";
import { markLive, markLost } from "./liveness.ts";

export type Connection = {
  readonly client: Client;
  /** Without a cache: for questions asked once, and for lists too long to be kept twice. */
  readonly plain: Client;
  readonly close: () => void;
};

const pingMs = 10_000;
const waitMsMax = 5_000;

/** `onBroken`: the socket was closed in a way that graphql-ws never retries; only a new connection helps. */
export function openConnection(onSignedOut: () => void, onBroken: () => void): Connection {
  // The socket cannot say why it was refused; a question by HTTP can (401).
  const askWhy = () => void client.query(ViewerDocument.toString(), {}, { requestPolicy: "network-only" }).toPromise();
  const socket = openSocket(askWhy, onBroken);
  const noticeSignedOut = mapExchange({
    onError: (error) => {
      if ((error.response as Response | undefined)?.status === 401) onSignedOut();
    },
  });
  const client = new Client({
    url: "/graphql",
    preferGetMethod: false,
    requestPolicy: "cache-and-network",
    exchanges: [
      noticeSignedOut,
      cacheExchange(cacheOptions),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: (request) => ({
          subscribe: (sink) => ({
            unsubscribe: socket.subscribe({ query: request.query ?? "", variables: request.variables ?? {} }, sink as never),
          }),
        }),
      }),
    ],
  });
  const plain = new Client({ url: "/graphql", preferGetMethod: false, requestPolicy: "network-only", exchanges: [noticeSignedOut, fetchExchange] });
  // Disposing while it is connecting rejects with why that failed, which the dot has said already.
  return { client, plain, close: () => void Promise.resolve(socket.dispose()).catch(() => undefined) };
}

function openSocket(onClosed: () => void, onBroken: () => void) {
  let unanswered: ReturnType<typeof setTimeout> | undefined;
  let open: WebSocket | undefined;
  return createSocketClient({
    url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/graphql`,
    lazy: false,
    keepAlive: pingMs,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    retryWait: (retries) => new Promise((resolve) => setTimeout(resolve, Math.min(waitMsMax, 250 * 2 ** retries) * (0.75 + Math.random() / 2))),
    // Only for closes that the protocol calls fatal (1011, 4400, 4500 …); everything else is retried above.
    onNonLazyError: onBroken,
    on: {
      opened: (opened) => {
        open = opened as WebSocket;
      },
      connected: markLive,
      closed: () => {
        clearTimeout(unanswered);
        markLost(Date.now());
        onClosed();
      },
      ping: (received) => {
        if (!received) unanswered = setTimeout(() => open?.close(4408, "No answer"), pingMs / 2);
      },
      pong: (received) => {
        if (received) clearTimeout(unanswered);
      },
    },
  });
}
