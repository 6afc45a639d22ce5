/** How long a session that ended waits for its next start: 1 s at first, doubling to 5 min, from the start again after a healthy run. */
import { backOffMs } from "../../model/back-off.ts";

const healthyRunMs = 10 * 60_000;

/** Ends in a row, now that one more came after a run of `ranMs`. */
export const failuresAfter = (failures: number, ranMs: number): number => (ranMs >= healthyRunMs ? 1 : failures + 1);

export const waitBeforeMs = (failures: number): number => backOffMs(Math.max(0, failures - 1));
