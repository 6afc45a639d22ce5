/** A gateway over tables that a test writes itself, with real model servers and a raw client. */
import { once } from "node:events";
import { type Agent, createServer, type IncomingMessage, request as openRequest, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Readable } from "node:stream";
import { newKeyRow, openSigningKey } from "../../server/auth/keys.ts";
import { createVerifier, publicKeysOf } from "../../server/auth/verifier.ts";
import { signToken } from "../../server/auth/sign.ts";
import type { TokenClaims } from "../../server/auth/token.ts";
import type { Certificates } from "../../server/gateway/certificates.ts";
import { type AllFigures, createFigures } from "../../server/gateway/figures.ts";
import { buildRouteTable, type RouteAddress } from "../../server/gateway/route-table.ts";
import { type ServeLimits, type ServeOptions, serveGateway, type ServingGateway } from "../../server/gateway/serve.ts";
import { type Log, silentLog } from "../../server/log.ts";
import { newId, type ServiceId, type TokenId } from "../../server/model/ids.ts";
import { defaultTrafficPolicy } from "../../server/model/traffic-policy.ts";
import type { RouteTableRow } from "../../server/store/route-table.ts";

export const keyRow = newKeyRow("key-1", "secret");
const signingKey = openSigningKey(keyRow, "secret");

export function tokenFor(serviceId: ServiceId, claims: Partial<TokenClaims> = {}): string {
  return signToken({ tokenId: newId("token"), serviceId, issuedAt: new Date(), expiresAt: null, ...claims }, signingKey);
}

export type Model = AsyncDisposable & { readonly route: RouteAddress; readonly server: Server; readonly requests: readonly IncomingMessage[] };

/** A model's server. `requests` holds what reached it. */
export async function startModel(answer: RequestListener = (_request, response) => void response.end("hello")): Promise<Model> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    return answer(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    route: { id: newId("route"), revisionId: newId("revision"), host: "127.0.0.1", port: (server.address() as AddressInfo).port, isNew: false },
    server,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The address of a model that is gone. */
export async function goneRoute(): Promise<RouteAddress> {
  await using model = await startModel();
  return model.route;
}

/** Called `service.test`, public and healthy unless said otherwise. */
export function serviceRow(overrides: Partial<RouteTableRow> = {}): RouteTableRow {
  const called = { name: "service", aliases: [], allowedOrigins: [], createdAtSeconds: 1_700_000_000 } as const;
  const common = {
    ...called,
    id: newId("service"),
    status: "HEALTHY",
    openToPublic: true,
    endpoint: "http://service.test",
    endpointPort: null,
  } as const;
  return {
    ...common,
    endpointHost: "service.test",
    routes: [],
    healthChecks: {},
    newWeight: null,
    holdUntil: null,
    expectedAt: null,
    readAt: new Date(),
    drainingRoutes: [],
    revokedTokens: [],
    traffic: defaultTrafficPolicy,
    tokenLimits: [],
    ...overrides,
  };
}

export type World = ServingGateway & {
  show(...rows: readonly RouteTableRow[]): Promise<void>;
  readonly usedTokens: readonly TokenId[];
  readonly figures: AllFigures;
  /** Resolves when a route becomes idle the next time. */
  nextIdle(): Promise<void>;
};

type MoreOptions = Pick<ServeOptions, "consoleOrigins" | "urlTemplate" | "onEnd" | "certificates" | "trustedProxies">;

export async function openWorld(
  log: Log = silentLog,
  lookAfresh = async (): Promise<void> => {},
  limits?: ServeLimits,
  more: MoreOptions = {},
): Promise<World> {
  const usedTokens: TokenId[] = [];
  const figures = createFigures();
  let idle = Promise.withResolvers<void>();
  const serving = await serveGateway({
    ...more,
    host: "127.0.0.1",
    port: 0,
    verifier: await createVerifier(async () => publicKeysOf([keyRow])),
    log,
    figures,
    onTokenUsed: (id) => usedTokens.push(id),
    lookAfresh,
    isStale: () => false,
    ...(limits ? { limits } : {}),
    onIdle() {
      idle.resolve();
      idle = Promise.withResolvers();
    },
  });
  const show = (...rows: readonly RouteTableRow[]) => {
    const readAt = new Date();
    return serving.apply(
      buildRouteTable(
        rows.map((row) => ({ ...row, readAt })),
        performance.now(),
      ),
    );
  };
  return { ...serving, usedTokens, figures, nextIdle: () => idle.promise, show };
}

/** With TLS and HTTP/2. */
export const openTlsWorld = (certificates: Certificates): Promise<World> => openWorld(silentLog, undefined, undefined, { certificates });

export type CallOptions = {
  readonly method?: string;
  readonly path?: string;
  /** Name, value, name, value …; `Host: service.test` where there is none. */
  readonly headers?: readonly string[];
  readonly body?: string | Buffer | Readable;
  readonly signal?: AbortSignal;
  /** To use connections again; without it each call has one of its own. */
  readonly agent?: Agent;
};

export type Answer = { readonly status: number; readonly headers: IncomingMessage["headers"]; readonly text: string };

/** Resolves when the head of the answer is there. */
export async function open(port: number, options: CallOptions = {}): Promise<IncomingMessage> {
  const { method = "GET", path = "/", headers = [], body, signal, agent = false } = options;
  const named = headers.some((name, at) => at % 2 === 0 && name.toLowerCase() === "host");
  const all = [...(named ? [] : ["Host", "service.test"]), ...headers];
  const outgoing = openRequest({ host: "127.0.0.1", port, method, path, headers: all, agent, ...(signal ? { signal } : {}) });
  const answered = once(outgoing, "response") as Promise<[IncomingMessage]>;
  // What is left to send may fail once the answer is there; the answer is what counts.
  outgoing.on("error", () => {});
  if (body === undefined || typeof body === "string" || Buffer.isBuffer(body)) outgoing.end(body);
  else body.pipe(outgoing);
  return (await answered)[0];
}

export async function call(port: number, options: CallOptions = {}): Promise<Answer> {
  const answer = await open(port, options);
  answer.setEncoding("utf8");
  let text = "";
  for await (const chunk of answer) text += chunk;
  return { status: answer.statusCode ?? 0, headers: answer.headers, text };
}

/** Throws the bytes away and counts them; rejects where the stream breaks off. */
export async function countBytes(stream: Readable): Promise<number> {
  let count = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) count += chunk.length;
  return count;
}
