/**
 * One attempt to have one route answer one request: streams both ways, and says how it ended.
 *
 * Back-pressure goes through: a slow client pauses the route, a slow route pauses the client. Nothing is buffered, so events of a stream
 * arrive as they are sent; only the head of an answer of known length waits up to 25 ms for the first byte of its body. Once the answer's head has been sent, a route that breaks off breaks the client's connection: a cut answer must
 * never look like a whole one. A client that goes away ends the route's work and is not the route's failure.
 */
import type { ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import { messageOf } from "../failure.ts";
import { withCors } from "./cors.ts";
import { type Exchange, sent } from "./exchange.ts";
import { responseHeaders, valuesOf } from "./headers.ts";
import { lingerOnUpload } from "./linger.ts";

export type ForwardOptions = {
  readonly dispatcher: Dispatcher;
  readonly method: string;
  readonly path: string;
  /** Is left as it is. */
  readonly headers: string[];
  readonly body: Readable | null;
  readonly response: ServerResponse;
  readonly exchange: Exchange;
  /** What is said to web pages, in place of what the route says; empty: nothing of ours. */
  readonly cors: readonly string[];
};

export type Forwarded =
  | { readonly kind: "answered" }
  | { readonly kind: "clientGone" }
  /** Nothing was sent to the client yet. `requestSent`: the route may have begun to work on it. */
  | { readonly kind: "failed"; readonly requestSent: boolean; readonly reason: string }
  | { readonly kind: "brokenOff"; readonly reason: string };

const noBytes = Buffer.alloc(0);
/** A longer body costs more to copy than a second buffer costs to write. */
const togetherBytesMax = 16_384;
const headWaitsMs = 25;

export function forward({ response, dispatcher, method, path, headers, body, exchange, cors }: ForwardOptions): Promise<Forwarded> {
  return new Promise((resolve) => {
    const begunAtMs = performance.now();
    let controller: Dispatcher.DispatchController | null = null;
    const abort = () => controller?.abort(new Error("the client went away"));
    const resume = () => controller?.resume();
    response.on("close", abort).on("drain", resume);

    /** Of an answer of known length it waits a moment for the first byte of the body: a route that dies in between has not answered yet. */
    let head: (() => void) | null = null;
    let waiting: NodeJS.Timeout | undefined;
    let isHolding = false;
    let held: Buffer | null = null;
    function sendHead(): void {
      clearTimeout(waiting);
      head?.();
      head = null;
    }
    /**
     * Not at once: what came in the same packet should leave in the same packet. And not by flushHeaders, which writes UTF-8.
     */
    function flush(): void {
      if (!isHolding) return;
      isHolding = false;
      if (response.destroyed || response.writableEnded) return;
      if (!response.write(held ?? noBytes)) controller?.pause();
      held = null;
    }

    /** Most bodies are in the packet of the head, and need no timer. */
    function waitForBody(): void {
      if (head !== null) waiting = setTimeout(sendHead, headWaitsMs);
    }

    function settle(forwarded: Forwarded): void {
      clearTimeout(waiting);
      head = null;
      response.off("close", abort).off("drain", resume);
      resolve(forwarded);
    }

    function fail(reason: string): void {
      flush();
      if (response.destroyed) return settle({ kind: "clientGone" });
      if (!response.headersSent) return settle({ kind: "failed", requestSent: controller !== null, reason });
      exchange.hasBrokenOff = true;
      response.destroy();
      settle({ kind: "brokenOff", reason });
    }

    dispatcher.dispatch(
      { method, path, headers, body },
      {
        onRequestStart(started) {
          controller = started;
          if (response.destroyed) abort();
        },
        onResponseStart(current, status, parsed, statusMessage) {
          // What comes before the answer (100, 103) speaks to the gateway only.
          if (status < 200) return;
          const answered = responseHeaders(rawText(current.rawHeaders));
          const passed = cors.length === 0 ? answered : withCors(answered, cors);
          if (valuesOf(passed, "x-request-id").length === 0) passed.push("X-Request-Id", exchange.requestId);
          const answeredAtMs = performance.now();
          exchange.firstByteMs = answeredAtMs - exchange.startedAtMs;
          passed.push("Server-Timing", timing(exchange.startedAtMs, begunAtMs, answeredAtMs));
          head = () => {
            lingerOnUpload(response);
            response.writeHead(status, statusMessage ?? "", passed);
            isHolding = true;
            process.nextTick(flush);
          };
          if (Number(parsed["content-length"] ?? 0) === 0) sendHead();
          else process.nextTick(waitForBody);
        },
        onResponseData(current, chunk) {
          sendHead();
          sent(exchange, chunk.length);
          if (isHolding && held === null && chunk.length <= togetherBytesMax) held = chunk;
          else {
            flush();
            if (!response.write(chunk)) current.pause();
          }
        },
        onResponseEnd(current) {
          sendHead();
          const trailers = pairs(rawText(current.rawTrailers));
          if (trailers.length > 0) response.addTrailers(trailers);
          const whole = held;
          isHolding = false;
          held = null;
          // As a string Node joins it to the head: one write.
          if (whole === null) response.end();
          else response.end(whole.toString("latin1"), "latin1");
          settle({ kind: "answered" });
        },
        onResponseError: (_controller, error) => fail(messageOf(error)),
      },
    );
  });
}

/** Beside what the route says itself. In ms: until a route was chosen, and until that route began to answer. */
function timing(startedAtMs: number, begunAtMs: number, answeredAtMs: number): string {
  return `queue;dur=${(begunAtMs - startedAtMs).toFixed(1)}, upstream;dur=${(answeredAtMs - begunAtMs).toFixed(1)}`;
}

/** Header bytes are Latin-1 on the wire (RFC 9110, 5.5), and are written as such again. */
function rawText(raw: Dispatcher.DispatchController["rawHeaders"]): string[] {
  return Array.isArray(raw) ? raw.map((text) => (typeof text === "string" ? text : text.toString("latin1"))) : [];
}

function pairs(flat: readonly string[]): [string, string][] {
  return flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? ""] as [string, string]] : []));
}
