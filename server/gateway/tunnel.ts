/**
 * WebSockets: the handshake is an ordinary request, with the same checks; after it the two sockets are tied together.
 * A model that declines the handshake has its answer passed on.
 */
import { type IncomingMessage, request as openRequest } from "node:http";
import type { Duplex } from "node:stream";
import { admit, endWith, type Serving } from "./answer.ts";
import { endConnection, problem, writeProblem } from "./errors.ts";
import { requestIdOf, responseHeaders } from "./headers.ts";
import type { OnGone } from "./hold.ts";
import { mayTryAgain, nextRoute, noAttempts, waitForRoute } from "./next-route.ts";
import type { RouteAddress } from "./route-table.ts";

const connectTimeoutMs = 2000;

type Handshake = { readonly answer: IncomingMessage; readonly upstream: Duplex | null; readonly firstBytes: Buffer };

export async function tunnel(request: IncomingMessage, client: Duplex, head: Buffer, port: number | null, serving: Serving): Promise<void> {
  client.on("error", () => client.destroy());
  const call = await admit(request, port, requestIdOf(request.rawHeaders), serving);
  if (!("service" in call)) return writeProblem(client, call, request.url);
  endWith(client, call);

  const attempts = noAttempts();
  while (!client.destroyed) {
    const route = nextRoute(call.service.id, attempts, serving);
    if (route === undefined) {
      const ended = await waitForRoute(call, attempts, whenGone(client), serving);
      if (ended === "again") continue;
      return ended === "gone" ? void client.destroy() : writeProblem(client, ended, request.url);
    }
    const { end } = serving.upstreams.begin(route);
    const headers = [...call.headers, "Connection", "Upgrade", "Upgrade", "websocket"];
    const handshake = await shakeHands(route, request.method ?? "GET", call.path, headers, client);
    if (handshake !== null) {
      await tie(client, head, handshake);
      return end(false);
    }
    end(!client.destroyed);
    if (!mayTryAgain(attempts)) return writeProblem(client, problem("ROUTE_FAILED"), request.url);
  }
}

/** Whoever ends even one half is gone: no handshake can follow. What was sent too early stays where it is, also in front of an end. */
const whenGone =
  (client: Duplex): OnGone =>
  (leave) => {
    client.once("end", leave).once("close", leave);
    return () => client.off("end", leave).off("close", leave);
  };

/** Null where the route did not answer, or the client went away. */
function shakeHands(
  { host, port }: RouteAddress,
  method: string,
  path: string,
  headers: readonly string[],
  client: Duplex,
): Promise<Handshake | null> {
  return new Promise((resolve) => {
    const outgoing = openRequest({ host, port, method, path, headers: [...headers], setHost: false, agent: false });
    const abort = () => outgoing.destroy();
    const settle = (handshake: Handshake | null) => {
      client.off("close", abort);
      resolve(handshake);
    };
    if (client.destroyed) abort();
    client.once("close", abort);
    const tooSlow = setTimeout(abort, connectTimeoutMs);
    outgoing.once("socket", (socket) => socket.once("connect", () => clearTimeout(tooSlow)));
    outgoing.once("close", () => {
      clearTimeout(tooSlow);
      settle(null);
    });
    outgoing.once("upgrade", (answer, upstream, firstBytes) => settle({ answer, upstream, firstBytes }));
    outgoing.once("response", (answer) => settle({ answer, upstream: null, firstBytes: Buffer.alloc(0) }));
    // Always followed by close.
    outgoing.on("error", () => {});
    outgoing.end();
  });
}

/** Resolves when both sides are closed. */
async function tie(client: Duplex, head: Buffer, { answer, upstream, firstBytes }: Handshake): Promise<void> {
  const connection = upstream === null ? ["Connection", "close"] : ["Connection", "Upgrade", "Upgrade", answer.headers.upgrade ?? "websocket"];
  const lines = [`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage ?? ""}`];
  const headers = [...connection, ...responseHeaders(answer.rawHeaders)];
  for (let at = 0; at < headers.length; at += 2) lines.push(`${headers[at]}: ${headers[at + 1]}`);
  client.write(Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"));

  const source = upstream ?? answer;
  await new Promise<void>((resolve) => {
    source.on("error", () => client.destroy());
    source.once("close", () => (source.readableEnded ? endConnection(client) : client.destroy()));
    client.once("close", () => {
      source.destroy();
      resolve();
    });
    if (client.destroyed) {
      source.destroy();
      resolve();
    }
    if (upstream !== null) {
      client.write(firstBytes);
      upstream.write(head);
      client.pipe(upstream);
    }
    source.pipe(client);
  });
}
