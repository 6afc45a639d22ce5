/** Which requests belong together, by the service's traffic policy, and the cookie by which the gateway knows its clients again. */
import { randomBytes } from "node:crypto";
import type { TrafficAffinity } from "../model/traffic-policy.ts";
import { type RawHeaders, valuesOf } from "./headers.ts";
import { hashOf } from "./standing.ts";

export type AffinityKey = {
  readonly hash: number;
  /** For the answer of a client that had no cookie yet. */
  readonly setCookie: string | null;
};

/** Cookies ignore ports, so services of one host share it: it is only a name for the client, and no route's. */
const cookieName = "serai-affinity";
const cookiePattern = new RegExp(`(?:^|;)\\s*${cookieName}=([\\w-]{1,64})\\s*(?:;|$)`);

/** Null where load alone decides: without an affinity, or without the header. */
export function affinityKey(affinity: TrafficAffinity | null, headers: RawHeaders, protocol: "http" | "https"): AffinityKey | null {
  if (affinity === null) return null;
  if (affinity.by === "HEADER") {
    const values = valuesOf(headers, affinity.header.toLowerCase());
    return values.length === 0 ? null : { hash: hashOf(values.join(",")), setCookie: null };
  }
  for (const cookies of valuesOf(headers, "cookie")) {
    const known = cookiePattern.exec(cookies)?.[1];
    if (known !== undefined) return { hash: hashOf(known), setCookie: null };
  }
  const made = randomBytes(16).toString("hex");
  const secure = protocol === "https" ? "; Secure" : "";
  return { hash: hashOf(made), setCookie: `${cookieName}=${made}; Path=/; HttpOnly; SameSite=Lax${secure}` };
}
