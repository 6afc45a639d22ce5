/** Which requests are to change their connection to another protocol. Pure. */
import { hasBody, type RawHeaders, valuesOf } from "./headers.ts";

/** RFC 9110, 7.8: a name, and perhaps a version. */
const protocolPattern = /^[\w!#$%&'*+.^`|~-]+(?:\/[\w!#$%&'*+.^`|~-]+)?$/;
/** Other versions of HTTP and TLS, which clients offer with any request and can do without: they would end here, not at the model. */
const ours = /^(?:h2c?|http|tls)(?:\/|$)/i;

/** The protocol; null where the request is one like any other, its offer ignored (RFC 9110, 7.8). */
export function protocolOf(headers: RawHeaders): string | null {
  const [protocol, ...more] = valuesOf(headers, "upgrade");
  if (protocol === undefined || more.length > 0 || !protocolPattern.test(protocol)) return null;
  // What follows the head would be both its body and the other protocol.
  return ours.test(protocol) || hasBody(headers) ? null : protocol;
}

export const isWebSocket = (protocol: string): boolean => protocol.toLowerCase() === "websocket";
