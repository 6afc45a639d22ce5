/** Carries one HTTP request to yoga and its answer back, a stream (SSE) included. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Viewer } from "../store/users.ts";
import { answerRefused } from "./answer.ts";
import { bodyBytesMax, readBody } from "./body.ts";
import type { Graphql } from "./yoga.ts";

export async function answerGraphql(graphql: Graphql, viewer: Viewer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(request, bodyBytesMax);
  if (body === null) {
    const message = `The request is larger than ${bodyBytesMax / 1024 / 1024} MiB. Nothing was written; larger files are put into a folder directly.`;
    return answerRefused(response, { code: "BODY_TOO_LARGE", message });
  }
  // Whoever hangs up also ends the subscription behind the answer.
  const leaving = new AbortController();
  response.once("close", () => leaving.abort());
  const { method = "GET" } = request;
  const answer = await graphql.fetch(
    new URL(request.url ?? "/", "http://serai"),
    {
      method,
      headers: headersOf(request),
      body: method === "GET" || method === "HEAD" || body.length === 0 ? null : new Uint8Array(body),
      signal: leaving.signal,
    },
    { viewer },
  );
  if (response.destroyed) {
    await answer.body?.cancel();
    return;
  }
  response.writeHead(answer.status, { ...Object.fromEntries(answer.headers), "cache-control": "no-store", "x-content-type-options": "nosniff" });
  await sendBody(answer, response, leaving.signal);
}

function headersOf(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  // Whom the request is from was decided before: nothing behind needs to see it.
  for (const name of ["accept", "content-type"]) {
    const value = request.headers[name];
    if (typeof value === "string") headers[name] = value;
  }
  return headers;
}

async function sendBody(answer: Response, response: ServerResponse, signal: AbortSignal): Promise<void> {
  if (answer.body === null) return void response.end();
  const reader = answer.body.getReader();
  signal.addEventListener("abort", () => void reader.cancel().catch(() => {}), { once: true });
  response.flushHeaders();
  for (;;) {
    const { done, value } = await reader.read();
    if (done || response.destroyed) break;
    if (!response.write(value)) await drained(response);
  }
  response.end();
}

/** Or gone. A long answer waits often: each wait takes its listeners away again. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      response.off("drain", settle).off("close", settle);
      resolve();
    };
    response.on("drain", settle).on("close", settle);
  });
}
