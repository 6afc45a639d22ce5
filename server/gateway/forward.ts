/**
 * One attempt to have one route answer one request: streams both ways, and says how it ended.
 *
 * Back-pressure goes through: a slow client pauses the route, a slow route pauses the client. Nothing is buffered, so events of a stream
 * arrive as they are sent; only the head of an answer of known length waits up to 25 ms for the first byte of its body. Once the answer's
 * head has been sent, a route that breaks off, or pauses for too long, breaks the client's connection: a cut answer must never look like a
 * whole one. A client that goes away ends the route's work and is not the route's failure.
 */
import type { ServerResponse } from "node:http";
import type { Dispatcher } from "undici";
import { messageOf } from "../failure.ts";
import { withCors } from "./cors.ts";
import type { CountedBody } from "./counted-body.ts";
import { type Exchange, sent } from "./exchange.ts";
import { responseHeaders, valuesOf } from "./headers.ts";
import { lingerOnUpload } from "./linger.ts";
import { noteAnswer } from "./standing.ts";
import type { TimeOutLimits, TimeOuts, Watched } from "./time-outs.ts";
import type { Upstream } from "./upstreams.ts";

export type ForwardOptions = {
  readonly upstream: Upstream;
  readonly dispatcher: Dispatcher;
  readonly method: string;
  readonly path: string;
  /** Is left as it is. */
  readonly headers: string[];
  readonly body: CountedBody | null;
  readonly response: ServerResponse;
  readonly exchange: Exchange;
  readonly setCookie: string | null;
  /** What is said to web pages, in place of what the route says; empty: nothing of ours. */
  readonly cors: readonly string[];
  readonly timeOuts: TimeOuts;
  readonly limits: TimeOutLimits;
};

export type Forwarded =
  | { readonly kind: "answered" }
  | { readonly kind: "clientGone" }
  /** Nothing was sent to the client yet. `requestSent`: the route may have begun to work on it. */
  | { readonly kind: "failed"; readonly code: FailureCode; readonly requestSent: boolean; readonly reason: string }
  | { readonly kind: "brokenOff"; readonly reason: string };

export type FailureCode = "ROUTE_FAILED" | "CONNECT_TIMEOUT" | "FIRST_BYTE_TIMEOUT";

const noBytes = Buffer.alloc(0);
/** A longer body costs more to copy than a second buffer costs to write. */
const togetherBytesMax = 16_384;
const headWaitsMs = 25;

export function forward(options: ForwardOptions): Promise<Forwarded> {
  return new Promise((resolve) => new Attempt(options, resolve).begin());
}

/** One object for each attempt, for closures that do the same cost more. */
class Attempt implements Dispatcher.DispatchHandler, Watched {
  readonly limits: TimeOutLimits;
  readonly #options: ForwardOptions;
  readonly #resolve: (forwarded: Forwarded) => void;
  readonly #begunAtMs = performance.now();
  seen = 0;
  sinceMs = this.#begunAtMs;
  place = -1;
  #controller: Dispatcher.DispatchController | null = null;
  #isSettled = false;
  #bytesReceived = 0;
  #hasBegun = false;
  #status = 0;
  #statusMessage = "";
  /** Of an answer of known length it waits a moment for the first byte of the body: a route that dies in between has not answered yet. */
  #head: string[] | null = null;
  #waiting: NodeJS.Timeout | undefined;
  #isHolding = false;
  #held: Buffer | null = null;
  /** `lookAfterPacket` is due. */
  #isAboutToLook = false;
  #isPaused = false;
  readonly #abort = () => this.#controller?.abort(new Error("the client went away"));

  constructor(options: ForwardOptions, resolve: (forwarded: Forwarded) => void) {
    this.#options = options;
    this.#resolve = resolve;
    this.limits = options.limits;
  }

  begin(): void {
    const { response, dispatcher, method, path, headers, body, timeOuts } = this.#options;
    response.on("close", this.#abort);
    timeOuts.watch(this);
    dispatcher.dispatch({ method, path, headers, body }, this);
  }

  passed(): number {
    return this.#bytesReceived + (this.#options.body?.bytesPassed ?? 0);
  }

  hasBegun(): boolean {
    return this.#hasBegun;
  }

  cut(): void {
    const { firstByteMs, idleMs } = this.limits;
    const reason = this.#hasBegun
      ? `its answer paused for more than ${(idleMs ?? 0) / 1000} s`
      : `its answer did not begin within ${firstByteMs / 1000} s`;
    this.#fail(reason, "FIRST_BYTE_TIMEOUT");
    this.#controller?.abort(new Error(reason));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#options.response.destroyed || this.#isSettled) this.#abort();
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    parsed: Record<string, string | string[] | undefined>,
    statusMessage?: string,
  ): void {
    // What comes before the answer (100, 103) speaks to the gateway only.
    if (status < 200) return;
    this.#hasBegun = true;
    this.#bytesReceived += 1;
    const { exchange, setCookie, cors, upstream } = this.#options;
    const answered = responseHeaders(rawText(controller.rawHeaders));
    const passed = cors.length === 0 ? answered : withCors(answered, cors);
    if (valuesOf(passed, "x-request-id").length === 0) passed.push("X-Request-Id", exchange.requestId);
    if (setCookie !== null) passed.push("Set-Cookie", setCookie);
    const answeredAtMs = performance.now();
    exchange.firstByteMs = answeredAtMs - exchange.startedAtMs;
    passed.push("Server-Timing", timing(exchange.startedAtMs, this.#begunAtMs, answeredAtMs, upstream.id));
    this.#head = passed;
    this.#status = status;
    this.#statusMessage = statusMessage ?? "";
    this.#lookAfterPacket();
    if (Number(parsed["content-length"] ?? 0) === 0) this.#sendHead();
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#sendHead();
    sent(this.#options.exchange, chunk.length);
    this.#bytesReceived += chunk.length;
    if (this.#isHolding && this.#held === null && chunk.length <= togetherBytesMax) this.#held = chunk;
    else {
      this.#flush();
      this.#write(chunk);
    }
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    const { response } = this.#options;
    this.#sendHead();
    const trailers = pairs(rawText(controller.rawTrailers));
    if (trailers.length > 0) response.addTrailers(trailers);
    const whole = this.#held;
    this.#isHolding = false;
    this.#held = null;
    // As a string Node joins it to the head: one write.
    if (whole === null) response.end();
    else response.end(whole.toString("latin1"), "latin1");
    this.#settle({ kind: "answered" });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const isSlow = (error as NodeJS.ErrnoException).code === "UND_ERR_CONNECT_TIMEOUT";
    this.#fail(messageOf(error), isSlow ? "CONNECT_TIMEOUT" : "ROUTE_FAILED");
  }

  /** Not at once: what came in the same packet should leave in the same packet, and most bodies are in that of the head. */
  #lookAfterPacket(): void {
    if (this.#isAboutToLook) return;
    this.#isAboutToLook = true;
    process.nextTick(lookAfterPacket, this);
  }

  lookAfterPacket(): void {
    this.#isAboutToLook = false;
    if (this.#head === null) this.#flush();
    else this.#waiting = setTimeout(sendHead, headWaitsMs, this);
  }

  /** Not by flushHeaders, which writes UTF-8. */
  #flush(): void {
    if (!this.#isHolding) return;
    this.#isHolding = false;
    const { response } = this.#options;
    if (response.destroyed || response.writableEnded) return;
    this.#write(this.#held ?? noBytes);
    this.#held = null;
  }

  #write(chunk: Buffer): void {
    const { response } = this.#options;
    if (response.write(chunk) || this.#isPaused) return;
    this.#isPaused = true;
    this.#controller?.pause();
    response.once("drain", () => {
      this.#isPaused = false;
      this.#controller?.resume();
    });
  }

  sendHead(): void {
    this.#sendHead();
  }

  #sendHead(): void {
    const head = this.#head;
    if (head === null) return;
    clearTimeout(this.#waiting);
    this.#head = null;
    const { response, upstream } = this.#options;
    noteAnswer(upstream, upstream.balance.usual, performance.now() - this.#begunAtMs);
    lingerOnUpload(response);
    response.writeHead(this.#status, this.#statusMessage, head);
    this.#isHolding = true;
    this.#lookAfterPacket();
  }

  #fail(reason: string, code: FailureCode): void {
    if (this.#isSettled) return;
    const { response } = this.#options;
    this.#flush();
    if (response.destroyed) return this.#settle({ kind: "clientGone" });
    if (!response.headersSent) return this.#settle({ kind: "failed", code, requestSent: this.#controller !== null, reason });
    this.#options.exchange.hasBrokenOff = true;
    response.destroy();
    this.#settle({ kind: "brokenOff", reason });
  }

  #settle(forwarded: Forwarded): void {
    const { response, timeOuts } = this.#options;
    this.#isSettled = true;
    clearTimeout(this.#waiting);
    this.#head = null;
    timeOuts.forget(this);
    response.off("close", this.#abort);
    this.#resolve(forwarded);
  }
}

const lookAfterPacket = (attempt: Attempt): void => attempt.lookAfterPacket();
const sendHead = (attempt: Attempt): void => attempt.sendHead();

/** Beside what the route says itself. In ms: until a route was chosen, and until that route began to answer. */
function timing(startedAtMs: number, begunAtMs: number, answeredAtMs: number, route: string): string {
  return `queue;dur=${tenths(begunAtMs - startedAtMs)}, route;desc="${route}", upstream;dur=${tenths(answeredAtMs - begunAtMs)}`;
}

const tenths = (ms: number): number => Math.round(ms * 10) / 10;

/** Header bytes are Latin-1 on the wire (RFC 9110, 5.5), and are written as such again. */
function rawText(raw: Dispatcher.DispatchController["rawHeaders"]): string[] {
  return Array.isArray(raw) ? raw.map((text) => (typeof text === "string" ? text : text.toString("latin1"))) : [];
}

function pairs(flat: readonly string[]): [string, string][] {
  return flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? ""] as [string, string]] : []));
}
