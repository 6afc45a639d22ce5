/**
 * Which headers pass, both ways. Pure; raw headers (name, value, name, value …) keep their order, case and multiplicity.
 *
 * Connections end here, so what speaks of the connection does (RFC 9110, 7.6.1). Serai's own credentials end here, too: no model sees
 * a token of ours or the console's cookie, and no model sets that cookie (cookies ignore ports, so both really would happen).
 */
import { consoleCookie } from "../auth/console-cookie.ts";

export type RawHeaders = readonly string[];

const hopByHop = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
]);

/** Written by the gateway; `expect` is answered by it, and trailers of requests are not passed on. */
const replaced = new Set(["host", "forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-request-id", "expect", "trailer"]);

const notPassed = new Set([...hopByHop, ...replaced]);

/** Names come in few spellings, so each is lowered once. Clients must not make it grow for ever. */
const lowered = new Map<string, string>();
const loweredMax = 2000;

function lower(name: string): string {
  const known = lowered.get(name);
  if (known !== undefined) return known;
  const made = name.toLowerCase();
  if (lowered.size < loweredMax) lowered.set(name, made);
  return made;
}

const none: readonly string[] = [];

/** @param name in lower case. */
export function valuesOf(headers: RawHeaders, name: string): readonly string[] {
  let values: string[] | null = null;
  for (let at = 0; at < headers.length; at += 2) if (lower(headers[at] ?? "") === name) (values ??= []).push(headers[at + 1] ?? "");
  return values ?? none;
}

export type RequestOrigin = {
  /** As the service was called. */
  readonly host: string;
  /** From the client to the peer of the connection, as far as we vouch for it. */
  readonly hops: readonly string[];
  /** Of the first of them; `forwardedHost` is empty where there is none. */
  readonly protocol: "http" | "https";
  readonly forwardedHost: string;
  /** Headers that carry a token of ours, in lower case. */
  readonly ourTokensIn: readonly string[];
  readonly requestId: string;
  /** Of a trace that begins here; null where the client's own passes. */
  readonly traceParent: string | null;
};

export function requestHeaders(headers: RawHeaders, origin: RequestOrigin): string[] {
  const named = namedByConnection(headers);
  const passed: string[] = origin.host === "" ? [] : ["Host", origin.host];
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? "";
    const lowerName = lower(name);
    if (notPassed.has(lowerName) || named?.has(lowerName) === true || origin.ourTokensIn.includes(lowerName)) continue;
    if (origin.traceParent !== null && (lowerName === "traceparent" || lowerName === "tracestate")) continue;
    const value = headers[at + 1] ?? "";
    const kept = lowerName === "cookie" ? withoutConsoleCookie(value) : value;
    if (kept !== null) passed.push(name, kept);
  }
  passed.push("X-Forwarded-For", origin.hops.join(", "), "X-Forwarded-Proto", origin.protocol);
  if (origin.forwardedHost !== "") passed.push("X-Forwarded-Host", origin.forwardedHost);
  passed.push("Forwarded", forwardedOf(origin), "X-Request-Id", origin.requestId);
  if (origin.traceParent !== null) passed.push("traceparent", origin.traceParent);
  return passed;
}

/** RFC 7239: what holds a colon is quoted, and IPv6 is in brackets as well. The first hop tells how the client called. */
function forwardedOf({ hops, forwardedHost, protocol }: RequestOrigin): string {
  const host = forwardedHost === "" ? "" : `;host="${forwardedHost.replaceAll(/["\\]/g, "")}"`;
  const [client = "", ...proxies] = hops.map((hop) => `for=${hop.includes(":") ? `"[${hop}]"` : hop}`);
  return [`${client}${host};proto=${protocol}`, ...proxies].join(", ");
}

export function responseHeaders(headers: RawHeaders): string[] {
  const named = namedByConnection(headers);
  const passed: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? "";
    const lowerName = lower(name);
    if (hopByHop.has(lowerName) || named?.has(lowerName) === true) continue;
    const value = headers[at + 1] ?? "";
    if (lowerName !== "set-cookie" || !isConsoleCookie(value)) passed.push(name, value);
  }
  return passed;
}

/**
 * Null where nothing is left. Split at every semicolon, inside quotes as well: browsers join cookies with "; " and look at no quotes (RFC
 * 6265, 5.4), so quotes that another cookie opens and a third one closes must not hide ours.
 */
export function withoutConsoleCookie(value: string): string | null {
  const cookies = value.split(";");
  const kept = cookies.filter((cookie) => !isConsoleCookie(cookie));
  if (kept.length === cookies.length) return value;
  const rest = kept.join(";").trim();
  return rest === "" ? null : rest;
}

/** RFC 9112, 6: a request has a body where one of the two framing headers says so. */
export function hasBody(headers: RawHeaders): boolean {
  if (valuesOf(headers, "transfer-encoding").length > 0) return true;
  return valuesOf(headers, "content-length").some((value) => Number(value) > 0);
}

const isConsoleCookie = (cookie: string): boolean => (cookie.split(/[=;]/, 1)[0] ?? "").trim().toLowerCase() === consoleCookie;

/** Null where it names nothing but how the connection goes on. */
function namedByConnection(headers: RawHeaders): ReadonlySet<string> | null {
  let named: Set<string> | null = null;
  for (const value of valuesOf(headers, "connection")) {
    if (value === "keep-alive" || value === "close") continue;
    for (const name of value.split(",")) (named ??= new Set()).add(name.trim().toLowerCase());
  }
  return named;
}

/**
 * A framing that the next hop could read in another way than we do. Node's parser refuses what contradicts itself; what is left is a
 * coding beside `chunked`, which would be lost on the way, and one that HTTP/1.0 does not have (RFC 9112, 6.1).
 */
export function hasOddFraming(headers: RawHeaders, httpVersion: string): boolean {
  const codings = valuesOf(headers, "transfer-encoding");
  if (codings.length === 0) return valuesOf(headers, "content-length").length > 1;
  return httpVersion !== "1.1" || codings.length > 1 || codings[0]?.toLowerCase() !== "chunked" || valuesOf(headers, "content-length").length > 0;
}

const requestIdPattern = /^[\w.:/+=@~-]{1,128}$/;
const processId = Math.random().toString(36).slice(2, 10);
let requestCount = 0;

/** The client's, where it has one that is fit for logs; else one of our own. */
export function requestIdOf(headers: RawHeaders): string {
  const [given, ...more] = valuesOf(headers, "x-request-id");
  if (given !== undefined && more.length === 0 && requestIdPattern.test(given)) return given;
  requestCount += 1;
  return `req-${processId}-${requestCount.toString(36)}`;
}
