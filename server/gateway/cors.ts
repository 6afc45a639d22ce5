/**
 * Which web pages may call a service (the Fetch standard's CORS protocol): the console's, and those that the service names. Pure.
 *
 * For their origins the gateway speaks: it answers the preflight, which comes without a token, and its own headers take the place of the
 * model's, so that nothing is there twice. For every other origin the gateway has nothing to say, and what the model says passes.
 * Cookies are never let in: `Access-Control-Allow-Credentials` is not sent.
 */
import { type RawHeaders, valuesOf } from "./headers.ts";

const none: readonly string[] = [];
const preflightSeconds = 600;

/** What the answer says of it to a page that may read it; empty where it may not, or where no page asks. */
export function corsHeaders(headers: RawHeaders, allowed: readonly (readonly string[])[]): readonly string[] {
  const [origin, ...more] = valuesOf(headers, "origin");
  if (origin === undefined || more.length > 0 || !allowed.some((origins) => origins.includes(origin) || origins.includes("*"))) return none;
  return ["Access-Control-Allow-Origin", origin, "Access-Control-Expose-Headers", "*", "Vary", "Origin"];
}

export const isPreflight = (method: string | undefined, headers: RawHeaders): boolean =>
  method === "OPTIONS" && valuesOf(headers, "access-control-request-method").length > 0;

/** Whatever it asks for: what may be called is decided by the token, not by the method. */
export function preflightHeaders(headers: RawHeaders): readonly string[] {
  const asked = (name: string): string => valuesOf(headers, name).join(", ");
  return [
    "Access-Control-Allow-Methods",
    asked("access-control-request-method"),
    "Access-Control-Allow-Headers",
    asked("access-control-request-headers"),
    "Access-Control-Max-Age",
    String(preflightSeconds),
  ];
}

/** Ours in place of the model's. */
export function withCors(passed: readonly string[], cors: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at < passed.length; at += 2) {
    const name = passed[at] ?? "";
    if (!name.toLowerCase().startsWith("access-control-")) kept.push(name, passed[at + 1] ?? "");
  }
  return [...kept, ...cors];
}
