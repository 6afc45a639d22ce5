/** How much may be asked with one token, and how gateways tell each other how much was. */
import { z } from "zod";

/** Null: as much as comes. */
export type TokenLimits = {
  /** In any minute. */
  readonly requestsPerMinute: number | null;
  /** At the same time. */
  readonly concurrentRequests: number | null;
};

/** At one gateway. */
export type TokenUse = {
  /** Requests let in since it counts them: only what is added says something. */
  readonly count: number;
  /** Of these, under way now. */
  readonly underWay: number;
};

/** The fields of an input. */
export const tokenLimits = {
  requestsPerMinute: z.int("must be a whole number").min(1, "must be 1 or more").max(1_000_000, "must be 1000000 or less").nullable(),
  concurrentRequests: z.int("must be a whole number").min(1, "must be 1 or more").max(100_000, "must be 100000 or less").nullable(),
};
