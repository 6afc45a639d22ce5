/** What a request asks for, by RFC 9112, 3.2: path and authority, of which only one may exist. Pure. */
import { type RawHeaders, valuesOf } from "./headers.ts";

/** `host` is empty where an HTTP/1.0 client named none. */
export type Target = { readonly host: string; readonly path: string };

/** RFC 3986, 3.2.2, without percent-encoding: a name, an IPv4 address or an IPv6 address in brackets, and a port. */
const hostPattern = /^(?:[\w.~!$&'()*+,;=-]*|\[[\da-f:.]+\])(?::\d*)?$/i;

export const isHost = (text: string): boolean => hostPattern.test(text);

/** Null where the request is malformed: no path, more than one Host, or none in HTTP/1.1. */
export function targetOf(url: string, headers: RawHeaders, httpVersion = "1.1"): Target | null {
  const hosts = valuesOf(headers, "host");
  if (hosts.length > 1 || (hosts.length === 0 && httpVersion !== "1.0")) return null;
  const host = hosts[0] ?? "";
  // What is not in the grammar of a URI, servers behind us read in different ways; also a fragment is none of their business.
  if (/[^\x21-\x7e]|#/.test(url) || !isHost(host)) return null;
  if (url.startsWith("/")) return { host, path: url };
  // The absolute form, as sent to proxies: its authority counts, the Host header does not.
  const [, authority, path = ""] = /^https?:\/\/([^/?#@]+)((?:[/?#].*)?)$/i.exec(url) ?? [];
  if (authority === undefined) return null;
  if (!isHost(authority)) return null;
  return { host: authority, path: path.startsWith("/") ? path : `/${path}` };
}
