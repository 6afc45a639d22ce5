/**
 * The console's connection to Serai: queries and mutations by HTTP, subscriptions over one WebSocket.
 *
 * The socket is opened at once and kept open also on pages that subscribe to nothing, because the frame's dot speaks for
 * it. It pings every 10 s, so that a machine that was put to sleep or a cable that was pulled is noticed; it tries again
 * for ever, with waits up to 5 s. After a reconnection graphql-ws repeats every subscription, and each starts with the
 * present state, so nothing has to be reloaded by hand.
 *
 * Being live is more than an open socket: what is asked by HTTP has to be answered as well (liveness.ts).
 *
 * A 401 means that the session is over: the caller is told once and shows the sign-in page.
 */
import { cacheExchange } from "@urql/exchange-graphcache";
import { createClient as createSocketClient } from "graphql-ws";
import { Client, fetchExchange, mapExchange, subscriptionExchange } from "urql";
import { ViewerDocument } from "../gql/graphql.ts";
import { cacheOptions } from "./cache.ts";
import { markAnswered, markOpen } from "./liveness.ts";

export type Connection = {
  readonly client: Client;
  /** Without a cache: for questions asked once, and for lists too long to be kept twice. */
  readonly plain: Client;
  readonly close: () => void;
};

const pingMs = 10_000;
const waitMsMax = 5_000;

const askAgainMs = 3_000;

/** `onBroken`: the socket was closed in a way that graphql-ws never retries; only a new connection helps. */
export function openConnection(onSignedOut: () => void, onBroken: () => void): Connection {
  // The socket cannot say why it was refused; a question by HTTP can (401).
  const askWhy = () => void client.query(ViewerDocument.toString(), {}, { requestPolicy: "network-only" }).toPromise();
  const socket = openSocket(askWhy, onBroken);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isClosed = false;
  // Without an answer it is asked again until there is one, because the page may have nothing more to ask.
  const notice = mapExchange({
    onResult: ({ operation, error }) => {
      if ((error?.response as Response | undefined)?.status === 401) return onSignedOut();
      if (isClosed || operation.kind === "subscription") return;
      const answered = error?.networkError === undefined;
      markAnswered(answered, Date.now());
      clearTimeout(timer);
      if (!answered) timer = setTimeout(askWhy, askAgainMs);
    },
  });
  // The browser knows at once that it has no network, where an open socket notices it much later.
  addEventListener("offline", askWhy);
  addEventListener("online", askWhy);
  const client = new Client({
    url: "/graphql",
    preferGetMethod: false,
    requestPolicy: "cache-and-network",
    exchanges: [
      cacheExchange(cacheOptions),
      // Behind the cache, whose answers say nothing of the server.
      notice,
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
  const plain = new Client({ url: "/graphql", preferGetMethod: false, requestPolicy: "network-only", exchanges: [notice, fetchExchange] });
  const close = (): void => {
    isClosed = true;
    clearTimeout(timer);
    removeEventListener("offline", askWhy);
    removeEventListener("online", askWhy);
    // Disposing while it is connecting rejects with why that failed, which the dot has said already.
    void Promise.resolve(socket.dispose()).catch(() => undefined);
  };
  return { client, plain, close };
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
      connected: () => markOpen(true, Date.now()),
      closed: () => {
        clearTimeout(unanswered);
        markOpen(false, Date.now());
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
