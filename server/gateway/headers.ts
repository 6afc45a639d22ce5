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
const replaced = new Set(["host", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "expect", "trailer"]);

export function valuesOf(headers: RawHeaders, name: string): string[] {
  return pairsOf(headers).flatMap(([candidate, value]) => (candidate.toLowerCase() === name ? [value] : []));
}

export type RequestOrigin = {
  readonly host: string;
  readonly remoteAddress: string;
  readonly protocol: "http" | "https";
  /** The Authorization header carried a token of ours. */
  readonly hasOurToken: boolean;
};

export function requestHeaders(headers: RawHeaders, origin: RequestOrigin): string[] {
  const named = namedByConnection(headers);
  const passed: string[] = origin.host === "" ? [] : ["Host", origin.host];
  for (const [name, value] of pairsOf(headers)) {
    const lowerName = name.toLowerCase();
    if (hopByHop.has(lowerName) || replaced.has(lowerName) || named.has(lowerName)) continue;
    if (lowerName === "authorization" && origin.hasOurToken) continue;
    const kept = lowerName === "cookie" ? withoutConsoleCookie(value) : value;
    if (kept !== null) passed.push(name, kept);
  }
  const before = valuesOf(headers, "x-forwarded-for").filter((value) => value !== "");
  passed.push("X-Forwarded-For", [...before, origin.remoteAddress.replace(/^::ffff:/, "")].join(", "));
  passed.push("X-Forwarded-Proto", origin.protocol);
  if (origin.host !== "") passed.push("X-Forwarded-Host", origin.host);
  return passed;
}

export function responseHeaders(headers: RawHeaders): string[] {
  const named = namedByConnection(headers);
  return pairsOf(headers).flatMap(([name, value]) => {
    const lowerName = name.toLowerCase();
    if (hopByHop.has(lowerName) || named.has(lowerName)) return [];
    return lowerName === "set-cookie" && isConsoleCookie(value) ? [] : [name, value];
  });
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

function namedByConnection(headers: RawHeaders): Set<string> {
  return new Set(valuesOf(headers, "connection").flatMap((value) => value.split(",").map((name) => name.trim().toLowerCase())));
}

function pairsOf(headers: RawHeaders): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  for (let at = 0; at < headers.length; at += 2) pairs.push([headers[at] ?? "", headers[at + 1] ?? ""]);
  return pairs;
}
