/** Whose request it is. The one place that says so: what is allowed, what is passed on and what is counted go by the same address. */
import type { IncomingMessage } from "node:http";

/** IPv4 as it is written, also where the socket speaks both. */
export function clientAddress(request: IncomingMessage): string {
  const address = request.socket.remoteAddress ?? "unknown";
  return address.startsWith("::ffff:") ? address.slice(7) : address;
}
