/**
 * Serai's client of Nomad's HTTP API: one function per kind of use, over undici, with the token, namespace and region
 * that Nomad's own tools would use. It knows nothing of sessions.
 *
 * Throws AppError SCHEDULER_UNAVAILABLE (retry) where Nomad cannot be reached, has no leader or answers too late, and
 * SCHEDULER_REFUSED with Nomad's own words where it was reached and said no.
 */
import { readFileSync } from "node:fs";
import { Agent, type Dispatcher } from "undici";
import { AppError, messageOf } from "../../failure.ts";

export type NomadConnection = {
  readonly address: string;
  readonly token?: string | undefined;
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
  const headers = { "content-type": "application/json", ...(connection.token ? { "x-nomad-token": connection.token } : {}) };

  const ask = async (request: Omit<Dispatcher.RequestOptions, "origin">, query: Query): Promise<Dispatcher.ResponseData> => {
    const scoped = { ...optional("namespace", connection.namespace), ...optional("region", connection.region), ...query };
    const pairs = Object.entries(scoped).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, String(one)]));
    const words = new URLSearchParams(pairs);
    let response: Dispatcher.ResponseData;
    try {
      response = await dispatcher.request({ ...request, origin: connection.address, path: `${request.path}?${words}`, headers });
    } catch (cause) {
      throw unavailable(request, cause);
    }
    if (response.statusCode < 400) return response;
    throw refusal(request, response.statusCode, (await response.body.text().catch(() => "")).trim());
  };

  const answer = async <T>(request: Omit<Dispatcher.RequestOptions, "origin">, query: Query) => {
    const response = await ask({ headersTimeout: answerTimeoutMs, bodyTimeout: answerTimeoutMs, ...request }, query);
    try {
      const value = (await response.body.json()) as T;
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

function unavailable({ method, path }: Named, cause: unknown): AppError {
  const publicMessage = noLeader.test(messageOf(cause))
    ? "Nomad has no leader at the moment: nothing is placed until its servers have elected one."
    : "The Nomad cluster cannot be reached at the moment.";
  return new AppError("SCHEDULER_UNAVAILABLE", `Nomad: ${method} ${path}: ${messageOf(cause)}`, { publicMessage, retry: true, cause });
}

const outageStatuses: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** A server without a leader, or a proxy without a server, is an outage; its other answers are decisions. */
function refusal({ method, path }: Named, status: number, words: string): AppError {
  const isOutage = outageStatuses.has(status) || /No cluster leader|No path to region|rpc error: (EOF|stream closed)/i.test(words);
  if (isOutage) return unavailable({ method, path }, new Error(`${status} ${words}`));
  return new AppError("SCHEDULER_REFUSED", `Nomad: ${method} ${path}: ${status} ${words}`, { publicMessage: `Nomad refused: ${words}` });
}
