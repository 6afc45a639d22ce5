/**
 * An answer that comes before the client has sent its whole body (401, 413, 502) must still be readable: closing the connection on unread
 * bytes resets it, and the client then sees a broken pipe instead of the answer. So what is still coming is read and thrown away for
 * some seconds before the connection is closed (RFC 9112, 9.6).
 */
import type { ServerResponse } from "node:http";
import { constants, type ServerHttp2Stream } from "node:http2";

const lingerMs = 5000;

/** To be called before the head of the answer is written. */
export function lingerOnUpload(response: ServerResponse): void {
  const request = response.req;
  // Of HTTP/2 it is the stream that is closed, by itself (tls-server.ts).
  if (request.httpVersionMajor === 2) return;
  // Who still waits for 100 Continue sends nothing that could be lost.
  if (request.complete || request.headers.expect !== undefined) return;
  const shouldClose = !response.shouldKeepAlive;
  // Otherwise Node closes at once when the answer is written.
  response.shouldKeepAlive = true;
  response.once("finish", () => {
    const close = () => void (shouldClose && request.socket.destroySoon());
    if (request.complete) return close();
    const timer = setTimeout(() => request.socket.destroy(), lingerMs);
    request.once("end", close).once("close", () => clearTimeout(timer));
    request.unpipe();
    request.resume();
  });
}

/**
 * For a stream of HTTP/2 that has been ended: many clients lose an answer behind which it is reset at once.
 *
 * @returns whether the client has not ended its half yet: what is still coming is to be read.
 */
export function lingerOnStream(stream: ServerHttp2Stream): boolean {
  if (stream.endAfterHeaders || stream.readableEnded) return false;
  const timer = setTimeout(() => stream.close(constants.NGHTTP2_NO_ERROR), lingerMs);
  stream.once("close", () => clearTimeout(timer));
  return true;
}
