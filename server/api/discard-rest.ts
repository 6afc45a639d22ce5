/** What becomes of a body that nobody reads: whoever was refused may still be sending. */
import type { IncomingMessage } from "node:http";

/** So long it is listened to, so that the answer is read before the connection is reset; then the sender is cut off. */
const lingerMs = 5000;

/** After the answer. The connection can take its next request once the body has ended. */
export function discardRest(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  const patience = setTimeout(() => request.destroy(), lingerMs);
  request.once("close", () => clearTimeout(patience)).resume();
}
