/** The head of an answer, as HTTP/2 writes it. Pure. */
import type { RawHeaders } from "./headers.ts";

/** Beside those that end at every gateway, the one field that HTTP/2 forbids, and what RFC 8441, 5, leaves out of a handshake. */
const notPassed: ReadonlySet<string> = new Set(["http2-settings", "sec-websocket-accept"]);

export function asHttp2(status: number, headers: RawHeaders): string[] {
  // RFC 9110, 15: a number beyond them is to be taken for a server's failure.
  const fields = [":status", String(status > 599 ? 500 : status)];
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? "";
    if (!notPassed.has(name.toLowerCase())) fields.push(name, headers[at + 1] ?? "");
  }
  return fields;
}
