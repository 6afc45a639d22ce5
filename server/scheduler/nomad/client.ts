/**
 * Serai's client of Nomad's HTTP API: one function per kind of use, over undici, with the token, namespace and region
 * that Nomad's own tools would use. It knows nothing of sessions.
 *
 * Throws AppError SCHEDULER_UNAVAILABLE (retry) where Nomad cannot be reached, has no leader or answers too late, SCHEDULER_FORBIDDEN
 * (retry: it may be given another) where it does not accept the token, and SCHEDULER_REFUSED with Nomad's own words where it said no.
 */
import { readFileSync } from "node:fs";
import { Agent, type Dispatcher } from "undici";
import { AppError, messageOf } from "../../failure.ts";
import { openAccessToken } from "./access-token.ts";
import { openServers } from "./servers.ts";

export type NomadConnection = {
  /** Of the cluster's servers, separated by commas: any of them answers for all. */
  readonly address: string;
  readonly token?: string | undefined;
  /** Of a file with the token, which somebody renews. */
  readonly tokenFile?: string | undefined;
  readonly namespace?: string | undefined;
  readonly region?: string | undefined;
  /** Paths of PEM files. */
  readonly caCert?: string | undefined;
  readonly clientCert?: string | undefined;
  readonly clientKey?: string | undefined;
};

/** A list is the same parameter several times. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export type NomadClient = AsyncDisposable & {
  /** The answer, and the index of the state that it describes. */
  readonly get: <T>(path: string, query?: Query, signal?: AbortSignal) => Promise<{ readonly value: T; readonly index: number }>;
  readonly send: <T>(method: "POST" | "DELETE", path: string, body?: object, query?: Query) => Promise<T>;
  /** Bytes as they come; throws when the connection breaks, ends quietly when the signal does. */
  readonly stream: (path: string, query: Query, signal: AbortSignal) => AsyncGenerator<Uint8Array>;
};

/** A call that has not been answered by then is as good as lost; Nomad answers in milliseconds. */
const answerTimeoutMs = 10_000;
/** The event stream has a heartbeat every 30 s. */
const silenceTimeoutMs = 75_000;

export function openNomadClient(connection: NomadConnection): NomadClient {
  const dispatcher = new Agent({ connections: 64, connect: { timeout: 5_000, ...certificates(connection) } });
  const servers = openServers(connection.address.split(","));
  const token = openAccessToken(connection);

  const askOnce = async (origin: string, request: Request, path: string): Promise<Dispatcher.ResponseData> => {
    const present = token.get();
    const headers = { "content-type": "application/json", ...(present === "" ? {} : { "x-nomad-token": present }) };
    let response: Dispatcher.ResponseData;
    try {
      response = await dispatcher.request({ ...request, origin, path, headers });
    } catch (cause) {
      throw unavailable(request, cause, hintOf(cause, origin, connection));
    }
    if (response.statusCode < 400) return response;
    throw refusal(request, response.statusCode, (await response.body.text().catch(() => "")).trim());
  };

  const ask = async (request: Request, query: Query): Promise<Dispatcher.ResponseData> => {
    const scoped = { ...optional("namespace", connection.namespace), ...optional("region", connection.region), ...query };
    const pairs = Object.entries(scoped).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, String(one)]));
    const path = `${request.path}?${new URLSearchParams(pairs)}`;
    const askAny = () => servers.ask(request.method === "GET" ? "READ" : "CHANGE", (address) => askOnce(address, request, path));
    return askAny().catch((cause: unknown) => {
      if (isForbidden(cause) && token.renew()) return askAny();
      throw cause;
    });
  };

  const answer = async <T>(request: Request, query: Query) => {
    const response = await ask({ headersTimeout: answerTimeoutMs, bodyTimeout: answerTimeoutMs, ...request }, query);
    try {
      const text = await response.body.text();
      const value = (text === "" ? null : JSON.parse(text)) as T;
      return { value, index: Number(response.headers["x-nomad-index"] ?? 0) };
    } catch (cause) {
      throw unavailable(request, cause);
    }
  };

  return {
    get: (path, query = {}, signal) => answer({ method: "GET", path, ...(signal === undefined ? {} : { signal }) }, query),
    send: async (method, path, body, query = {}) =>
      (await answer<never>({ method, path, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }, query)).value,
    async *stream(path, query, signal) {
      const request = { method: "GET", path, signal, headersTimeout: answerTimeoutMs, bodyTimeout: silenceTimeoutMs } as const;
      try {
        const response = await ask(request, query);
        for await (const chunk of response.body) yield chunk as Uint8Array;
      } catch (cause) {
        if (signal.aborted) return;
        throw cause instanceof AppError ? cause : unavailable(request, cause);
      }
    },
    [Symbol.asyncDispose]: () => dispatcher.destroy(),
  };
}

type Request = Omit<Dispatcher.RequestOptions, "origin">;
const isForbidden = (thrown: unknown): boolean => thrown instanceof AppError && thrown.code === "SCHEDULER_FORBIDDEN";

const optional = (name: string, value: string | undefined): Query => (value === undefined || value === "" ? {} : { [name]: value });

function certificates({ caCert, clientCert, clientKey }: NomadConnection): { ca?: Buffer; cert?: Buffer; key?: Buffer } {
  return {
    ...(caCert ? { ca: readFileSync(caCert) } : {}),
    ...(clientCert ? { cert: readFileSync(clientCert) } : {}),
    ...(clientKey ? { key: readFileSync(clientKey) } : {}),
  };
}

/** In the words of Nomad's servers. */
const noLeader = /no cluster leader|no leader/i;

type Named = { readonly method: string; readonly path: string };

/** What TLS says of itself helps only who knows it. */
function hintOf(cause: unknown, origin: string, { caCert, clientCert }: NomadConnection): string {
  const said = `${String((cause as { readonly code?: unknown }).code)} ${messageOf(cause)}`;
  if (/SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)/.test(said)) {
    return caCert ? "; its certificate is not of the authority in NOMAD_CACERT" : "; NOMAD_CACERT must name the authority of its certificate";
  }
  if (origin.startsWith("https:") && !clientCert && /CERTIFICATE_REQUIRED|other side closed|ECONNRESET/i.test(said)) {
    return "; it may want a client certificate: NOMAD_CLIENT_CERT and NOMAD_CLIENT_KEY";
  }
  return "";
}

function unavailable({ method, path }: Named, cause: unknown, hint = ""): AppError {
  const publicMessage = noLeader.test(messageOf(cause))
    ? "Nomad has no leader at the moment: nothing is placed until its servers have elected one."
    : "The Nomad cluster cannot be reached at the moment.";
  return new AppError("SCHEDULER_UNAVAILABLE", `Nomad: ${method} ${path}: ${messageOf(cause)}${hint}`, { publicMessage, retry: true, cause });
}

const outageStatuses: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** What servers say that lose their leader, or cannot reach it, in the middle of something (seen on 1.11.3 by killing them). */
const outageWords =
  /No cluster leader|No path to region|leadership (lost|transfer)|not ready to serve consistent reads|enqueuing operation|rpc error: (EOF|stream closed|failed to get conn|lead thread|.*(connection re(fused|set)|i\/o timeout))/i;

/** A server without a leader, or a proxy without a server, is an outage; its other answers are decisions. */
function refusal({ method, path }: Named, status: number, words: string): AppError {
  const isOutage = outageStatuses.has(status) || outageWords.test(words);
  if (status === 400 && words.includes("HTTP request to an HTTPS server"))
    return unavailable({ method, path }, new Error(words), "; NOMAD_ADDR must begin with https://");
  if (status === 403) return forbidden({ method, path }, words);
  if (isOutage) return unavailable({ method, path }, new Error(`${status} ${words}`));
  return new AppError("SCHEDULER_REFUSED", `Nomad: ${method} ${path}: ${status} ${words}`, { publicMessage: `Nomad refused: ${words}` });
}

/** Unknown, expired and too weak are one to whoever has to give another; which of them it is, Nomad's words say. */
function forbidden({ method, path }: Named, words: string): AppError {
  const message = `Nomad does not accept Serai's token for ${method} ${path}: ${words}. NOMAD_TOKEN (or the file of NOMAD_TOKEN_FILE) must hold one with the policy of docs/nomad.md`;
  return new AppError("SCHEDULER_FORBIDDEN", message, { publicMessage: "Nomad does not accept Serai's token at the moment.", retry: true });
}
