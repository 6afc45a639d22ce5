/** Reads a request's body up to a limit. What is beyond it is thrown away, so that the client can still read the answer (413). */
import type { IncomingMessage } from "node:http";

/** Enough for a file of 1 MiB whose every character is escaped in JSON. */
export const bodyBytesMax = 4 * 1024 * 1024;
/** Whoever sends more than this is cut off. */
const discardedBytesMax = 64 * 1024 * 1024;
/** And whoever takes longer. */
const patienceMs = 5 * 60_000;

/** Null: it is larger than `bytesMax`. */
export async function readBody(request: IncomingMessage, bytesMax: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  const patience = setTimeout(() => request.destroy(), patienceMs);
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length <= bytesMax) chunks.push(chunk);
      else chunks.length = 0;
      if (length > bytesMax + discardedBytesMax) request.destroy();
    }
  } finally {
    clearTimeout(patience);
  }
  return length > bytesMax ? null : Buffer.concat(chunks);
}
