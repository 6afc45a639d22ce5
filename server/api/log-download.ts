/**
 * `GET /logs/<routeId>?stream=stdout|stderr&member=0`: all that is kept of what a route wrote, its oldest attempt first, as a file; with
 * `attempt` from that one on. The same text as the subscription gives, up to what is there now. 410 where the route has ended and nothing is kept.
 */
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Ports } from "../../schema/context.ts";
import { findLog, readLog } from "../../schema/read-log.ts";
import { AppError } from "../failure.ts";
import type { LogText } from "../model/log-text.ts";
import type { Viewer } from "../store/users.ts";
import { answerRefused, type Refused } from "./answer.ts";
import { cutStalled } from "./cut-stalled.ts";
import { attachment, safety } from "./file-headers.ts";
import { createPlaces } from "./places.ts";

export const logsPath = "/logs/";

/** Of one user at the same time, to one process. */
const downloadsMax = 8;
/** No attempt is called so. */
const oldest = "oldest";

export function createLogDownload(ports: Pick<Ports, "changes" | "database" | "variableSecrets" | "observe" | "log">) {
  const places = createPlaces(downloadsMax);
  return async ({ project, user }: Viewer, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refuse = (code: Refused["code"], message: string, headers = {}): void => answerRefused(response, { code, message }, headers);
    const { method = "", url = "" } = request;
    if (method !== "GET" && method !== "HEAD") return refuse("METHOD_NOT_ALLOWED", "Logs are only read.", { allow: "GET, HEAD" });
    const [pathname = "", words = ""] = url.split(/\?(.*)/s);
    const found = await findLog(ports, project.id, pathname.slice(logsPath.length));
    if (found === null) return refuse("NOT_FOUND", "There is no such route.");
    const asked = new URLSearchParams(words);
    const stream = asked.get("stream") ?? "stdout";
    if (stream !== "stdout" && stream !== "stderr") return refuse("BAD_REQUEST", "stream must be stdout or stderr.");
    const member = asked.get("member") ?? "0";
    if (!/^\d{1,3}$/.test(member)) return refuse("BAD_REQUEST", "member must be a number: 0 is main, 1 is worker 1.");
    using place = places.take(user.id);
    if (place === null) return refuse("TOO_MANY_AT_ONCE", `You are loading ${downloadsMax} logs at once: wait until one is done.`);

    cutStalled(response);
    const leaving = new AbortController();
    response.once("close", () => leaving.abort());
    const query = {
      stream,
      member: Number(member),
      follow: false,
      attempt: asked.get("attempt") ?? oldest,
      offset: 0,
      tailBytes: null,
      signal: leaving.signal,
    } as const;
    const head = {
      ...safety,
      "content-type": "text/plain; charset=utf-8",
      "content-disposition": attachment(`${found.serviceName}-${found.id}${member === "0" ? "" : `-worker-${member}`}-${stream}.log`),
    };
    if (method === "HEAD") return void response.writeHead(200, head).end();
    try {
      await send(readLog(ports, found, query), head, response, leaving.signal);
    } catch (thrown) {
      if (leaving.signal.aborted) return;
      if (!(thrown instanceof AppError)) throw thrown;
      if (thrown.code === "LOG_NOT_KEPT") return refuse("LOG_NOT_KEPT", thrown.publicMessage);
      ports.log.warn({ reason: thrown.message, route: found.id }, "a log could not be read");
      // What has begun can only be broken off.
      if (response.headersSent) response.destroy();
      else refuse("UNAVAILABLE", thrown.publicMessage);
    }
  };
}

/** As fast as it is taken. The answer begins with what is read first, so that a scheduler that cannot be asked is an answer, too. */
async function send(texts: AsyncIterable<LogText>, head: Record<string, string>, response: ServerResponse, signal: AbortSignal): Promise<void> {
  for await (const { text } of texts) {
    if (!response.headersSent) response.writeHead(200, head);
    if (!response.write(text)) await once(response, "drain", { signal });
  }
  if (signal.aborted) return;
  if (!response.headersSent) response.writeHead(200, head);
  response.end();
}
