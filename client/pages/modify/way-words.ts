/** Which way a rollout would go, and what callers would notice of it, in words. Pure. */
import type { RolloutWay } from "../../gql/graphql.ts";
import { inOneUnit } from "../../parts/duration.ts";

const ways: Readonly<Record<RolloutWay, string>> = {
  NONE: "Nothing serves that it would take the place of.",
  SURGE: "It is rolled out beside what serves: an old route ends only when a new one is healthy.",
  IN_PLACE: "It is rolled out in place: each new route takes over where one ends.",
};

export const wayInWords = (way: RolloutWay): string => ways[way];

type Paused = { readonly way: RolloutWay; readonly expectedPauseMs: number | null };

export function pauseInWords({ way, expectedPauseMs }: Paused): string {
  if (way === "NONE") return "";
  if (expectedPauseMs === 0) return "No pause is expected.";
  if (expectedPauseMs === null) return "Requests wait meanwhile; for how long is not known yet.";
  return `Requests are expected to wait for about ${inOneUnit(Math.max(1, Math.ceil(expectedPauseMs / 1000)))}.`;
}
