/**
 * How a service goes from one revision to another. There is one shape; rolling, canary and blue-green are settings of it:
 *
 *   rolling     {maxSurge: 1, maxUnavailable: 0, steps: [], promote: AUTO}, the default
 *   canary      steps: [{weight: 10, holdSeconds: 300}, {weight: 50, holdSeconds: 300}]
 *   blue-green  {maxSurge: "100%", promote: MANUAL}: the new revision stands beside the old one, with no requests, until it is promoted
 *
 * With `promote: MANUAL` the last step lasts until somebody promotes. Where there are no steps, that is one of weight 0.
 */
import { z } from "zod";

export const rolloutKinds = ["MODIFY", "ROLLBACK", "RESTART"] as const;
/** SURGE: successors start beside what serves. IN_PLACE: each takes over the seat of one that ends, because there is no room for more. */
export const rolloutModes = ["SURGE", "IN_PLACE"] as const;
/** ROLLING and REVERTING are under way, the others are ends. SUPERSEDED: another one began before its end. */
export const rolloutStatuses = ["ROLLING", "REVERTING", "COMPLETED", "REVERTED", "SUPERSEDED"] as const;
export type RolloutKind = (typeof rolloutKinds)[number];
export type RolloutMode = (typeof rolloutModes)[number];
export type RolloutStatus = (typeof rolloutStatuses)[number];

/** Of the desired routes: a number of routes, or per cent of them. */
export type Share = number | string;

export type RolloutStep = {
  /** Per cent of the requests for the new revision. */
  readonly weight: number;
  /** How long, once its routes are healthy. */
  readonly holdSeconds: number;
};

export type RolloutPolicy = {
  readonly maxSurge: Share;
  readonly maxUnavailable: Share;
  readonly steps: readonly RolloutStep[];
  readonly promote: "AUTO" | "MANUAL";
};

export const defaultRolloutPolicy: RolloutPolicy = {
  maxSurge: 1,
  maxUnavailable: 0,
  steps: [],
  promote: "AUTO",
};

const shareWords = "must be a number of routes, for example 1, or per cent of the desired ones, for example 25%";
const share = z
  .union([z.int(), z.string().regex(/^(?:100|[1-9]?[0-9])%$/)], shareWords)
  .refine((value) => typeof value === "string" || (value >= 0 && value <= 1000), "must be 0 to 1000 routes, or 0% to 100%");

export const rolloutPolicy = z.strictObject({
  maxSurge: share,
  maxUnavailable: share,
  steps: z
    .array(
      z.strictObject({
        weight: z.int("must be a whole number of per cent").min(0, "must be 0 to 100").max(100, "must be 0 to 100"),
        holdSeconds: z.int("must be a whole number of seconds").min(0, "must be 0 or more").max(604_800, "must be 604800 (a week) or less"),
      }),
    )
    .max(20, "must be 20 steps or fewer"),
  promote: z.enum(["AUTO", "MANUAL"], "must be AUTO or MANUAL"),
});

/** In routes: per cent are rounded up for what may be added and down for what may be missing, so that neither promise is broken. */
export const routesOf = (value: Share, desired: number, round: "up" | "down"): number => {
  if (typeof value === "number") return value;
  const exact = (Number.parseInt(value, 10) / 100) * desired;
  return round === "up" ? Math.ceil(exact) : Math.floor(exact);
};

/** As it is carried out: with MANUAL and no steps, the new revision first stands beside the old one without requests. */
export const withSteps = (policy: RolloutPolicy): RolloutPolicy =>
  policy.promote === "MANUAL" && policy.steps.length === 0 ? { ...policy, steps: [{ weight: 0, holdSeconds: 0 }] } : policy;
