/**
 * How the gateway treats the requests of a service. Not part of a revision: a change concerns no session, and holds for the next request.
 */
import { z } from "zod";

/** What keeps requests together on one route: the value of a header of theirs, or of a cookie that the gateway gives. */
export const affinityKinds = ["HEADER", "COOKIE"] as const;
export type TrafficAffinity = { readonly by: "HEADER"; readonly header: string } | { readonly by: "COOKIE" };

export type TrafficPolicy = {
  /** Null: load alone decides. */
  readonly affinity: TrafficAffinity | null;
  /** Until the head of the answer, from when the request has been sent. */
  readonly firstByteTimeoutSeconds: number;
  /** How long an answer may pause; null: for as long as both sides want. */
  readonly idleTimeoutSeconds: number | null;
  /** Addresses and networks (CIDR) that may call; empty: all. */
  readonly allowedAddresses: readonly string[];
  /** The model gets the token that its clients send. */
  readonly passAuthorization: boolean;
};

export const defaultTrafficPolicy: TrafficPolicy = {
  affinity: null,
  firstByteTimeoutSeconds: 600,
  idleTimeoutSeconds: null,
  allowedAddresses: [],
  passAuthorization: false,
};

const dayWords = "must be 1 to 86400 seconds (a day)";
const seconds = z.int("must be a whole number of seconds").min(1, dayWords).max(86_400, dayWords);
const address = z.union(
  [z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()],
  "must be an address or a network, for example 192.0.2.7, 10.0.0.0/8 or 2001:db8::/32",
);
/** RFC 9110, 5.1. */
const headerName = z
  .string("must name a header, for example X-Session-Id")
  .regex(/^[!#$%&'*+.^_`|~\w-]{1,64}$/, "must be the name of a header, for example X-Session-Id");

export const trafficPolicy = z.strictObject({
  affinity: z
    .discriminatedUnion("by", [
      z.strictObject({ by: z.literal("HEADER"), header: headerName }),
      z.strictObject({ by: z.literal("COOKIE") }, "needs no header: the cookie is the gateway's own"),
    ])
    .nullable(),
  firstByteTimeoutSeconds: seconds,
  idleTimeoutSeconds: seconds.nullable(),
  allowedAddresses: z.array(address).max(200, "must be 200 or fewer"),
  passAuthorization: z.boolean(),
});
