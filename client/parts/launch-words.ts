/** A launch as it is read: its phases with how long they took, take or will take. Pure; `now` in milliseconds of the epoch. */
import type { LaunchItemFragment, LaunchPhaseName } from "../gql/graphql.ts";
import { duration, inOneUnit } from "./duration.ts";

const words: Readonly<Record<LaunchPhaseName, string>> = {
  PLACED: "Finding a machine",
  IMAGE: "Downloading the image",
  PROCESS: "Starting the process",
  ACTIONS: "Start actions",
  FIRST_PASS: "First health check",
};

const about = (ms: number): string => `about ${inOneUnit(Math.max(1, Math.round(ms / 1000)))}`;
const isOver = ({ endedAt, failedAt }: LaunchItemFragment): boolean => endedAt !== null || failedAt !== null;

export type ShownPhase = { readonly name: string; readonly state: "done" | "now" | "ahead"; readonly time: string };

/** What there was not to do is left out, and what is ahead where it is not known whether it will be. */
export function phasesOf(launch: LaunchItemFragment, now: number): readonly ShownPhase[] {
  return launch.phases.flatMap(({ phase, startedAt, endedAt, durationMs, expectedMs }): readonly ShownPhase[] => {
    const name = words[phase];
    const usual = expectedMs === null ? "" : about(expectedMs);
    if (endedAt !== null) return durationMs === null ? [] : [{ name, state: "done", time: duration(durationMs) }];
    if (isOver(launch)) return [];
    if (startedAt === null) return usual === "" ? [] : [{ name, state: "ahead", time: usual }];
    const soFar = inOneUnit((now - Date.parse(startedAt)) / 1000);
    return [{ name, state: "now", time: usual === "" ? soFar : `${soFar} of ${usual}` }];
  });
}

export function launchInWords(launch: LaunchItemFragment, now: number): string {
  const { startedAt, failedAt, durationMs, expectedMs } = launch;
  if (failedAt !== null) return `The last attempt failed after ${duration(Math.max(0, Date.parse(failedAt) - Date.parse(startedAt)))}.`;
  if (launch.endedAt !== null) return durationMs === null ? "It has started." : `It started in ${duration(durationMs)}.`;
  const soFar = now - Date.parse(startedAt);
  if (expectedMs === null) return `Starting since ${inOneUnit(soFar / 1000)}; how long it takes is not known yet.`;
  if (soFar <= expectedMs) return `It should serve in ${about(expectedMs - soFar)}, as the last starts did.`;
  return `Starting since ${inOneUnit(soFar / 1000)}; the last starts took ${about(expectedMs)}.`;
}

/** From 0 to 1; null where there is nothing to measure by, or nothing to wait for. */
export function shareOf(launch: LaunchItemFragment, now: number): number | null {
  if (isOver(launch) || launch.expectedMs === null || launch.expectedMs === 0) return null;
  return Math.min(1, Math.max(0, (now - Date.parse(launch.startedAt)) / launch.expectedMs));
}
