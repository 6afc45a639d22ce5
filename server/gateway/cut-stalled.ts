/**
 * Cuts requests whose body does not come: who sends nothing for a minute while the route waits for more would hold the route's place for
 * nothing. Not meant are routes that read slowly, and those that answer already: who talks with a route both ways may pause. One timer for all.
 */
import type { IncomingMessage, ServerResponse } from "node:http";

export type BodyWatch = Disposable & {
  /**
   * @param body where the request's body goes; its pressure says whose turn it is.
   * @returns for whoever lets go of it before its end.
   */
  watch(request: IncomingMessage, body: Body, response: ServerResponse): () => void;
};

type Body = { readonly writableNeedDrain: boolean };
type Seen = { readonly body: Body; readonly response: ServerResponse; bytesRead: number; sinceMs: number };

/** @param stallMsMax until the cut, up to a quarter more. */
export function openBodyWatch(stallMsMax: number): BodyWatch {
  const watched = new Map<IncomingMessage, Seen>();

  function look(): void {
    const nowMs = performance.now();
    for (const [request, seen] of watched) {
      const bytesRead = bytesReadOf(request);
      if (bytesRead !== seen.bytesRead || seen.body.writableNeedDrain || seen.response.headersSent) {
        seen.bytesRead = bytesRead;
        seen.sinceMs = nowMs;
      } else if (nowMs - seen.sinceMs > stallMsMax) seen.response.destroy();
    }
  }

  const timer = setInterval(look, stallMsMax / 4);
  return {
    watch(request, body, response) {
      const forget = () => void watched.delete(request);
      if (request.complete) return forget;
      watched.set(request, { body, response, bytesRead: bytesReadOf(request), sinceMs: performance.now() });
      request.once("end", forget).once("close", forget);
      return forget;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

/** Of HTTP/2 each request counts for itself (tls-server.ts). */
const bytesReadOf = (request: IncomingMessage & { readonly bytesRead?: number }): number => request.bytesRead ?? request.socket.bytesRead;
