/**
 * What operators and their load balancers ask of a single process, whatever its roles: `/healthz` (it runs) and `/metrics`, at an address of
 * its own. Nobody is asked for a token, since a process without the API has no way to check one: so it is off unless set, and never at an
 * address where endpoints or the console are.
 */
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { AppError, messageOf } from "./failure.ts";
import type { Metrics } from "./metrics.ts";

type MetricsAddress = { readonly host: string; readonly port: number };

/** @throws AppError CONFIG_INVALID where the address cannot be listened on. */
export async function openMetricsListener({ host, port }: MetricsAddress, metrics: Pick<Metrics, "text">): Promise<AsyncDisposable> {
  const answers: Readonly<Record<string, (response: ServerResponse) => Promise<void>>> = {
    "/healthz": async (response) => send(response, 200, "application/json", `${JSON.stringify({ status: "ok" })}\n`),
    "/metrics": async (response) => send(response, 200, "text/plain; version=0.0.4; charset=utf-8", await metrics.text()),
  };
  const server = createServer({ requestTimeout: 30_000 }, ({ method, url = "" }, response) => {
    const answer = method === "GET" || method === "HEAD" ? answers[url.split("?", 1)[0] ?? ""] : undefined;
    if (answer === undefined) return send(response, 404, "text/plain", "Here are /healthz and /metrics.\n");
    answer(response).catch(() => response.destroy());
  });
  // Also later: of single connections that could not be accepted.
  server.on("error", () => {});
  try {
    server.listen({ host, port });
    await once(server, "listening");
  } catch (cause) {
    throw new AppError("CONFIG_INVALID", `SERAI_METRICS_ADDRESS: ${host}:${port} cannot be listened on: ${messageOf(cause)}`, { cause });
  }
  return {
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function send(response: ServerResponse, status: number, mediaType: string, body: string): void {
  response.writeHead(status, { "content-type": mediaType, "cache-control": "no-store" }).end(body);
}
