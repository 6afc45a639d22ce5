/**
 * How many probes are under way at once: in lanes, so that those who wait long for their answers fill only their own.
 *
 *   starting  has never passed, and answers (or refuses) promptly
 *   prompt    passed its last probe without delay
 *   slow      passed its last probe, but took its time
 *   failing   failed its last probe, or hung in it
 *
 * Which lane a probe takes says the route's last one, so a route that begins to hang is among its healthy neighbours once. For that
 * once, a place in the first two lanes is lent for `promptMs` only: what takes longer goes on, and its place is free again. Otherwise a
 * machine that dies with hundreds of routes would hold up all others for as long as their definitions allow an answer to take.
 * Those who wait are let in as they came, one probe of a route at most, so that even among hanging ones nobody is left out.
 */
export type Lane = "starting" | "prompt" | "slow" | "failing";

export type Lanes = {
  /** @returns what ends the probe's stay; null where the signal came before its turn. */
  enter(lane: Lane, signal: AbortSignal): Promise<(() => void) | null>;
};

/** Longer is not prompt. */
export const promptMs = 250;
const placesOf: Readonly<Record<Lane, number>> = { starting: 64, prompt: 64, slow: 64, failing: 256 };
const lendsForMs: Readonly<Record<Lane, number | null>> = { starting: promptMs, prompt: promptMs, slow: null, failing: null };
/** Probes that go on although their place is free again. Each is an open connection; where there are so many, places are kept. */
const overtimeMax = 1024;

export function openLanes(): Lanes {
  let overtime = 0;
  const lanes = new Map<Lane, { free: number; readonly waiting: Set<() => void> }>();

  function laneOf(name: Lane): { free: number; readonly waiting: Set<() => void> } {
    const lane = lanes.get(name) ?? { free: placesOf[name], waiting: new Set() };
    lanes.set(name, lane);
    return lane;
  }

  function giveBack(name: Lane): void {
    const lane = laneOf(name);
    lane.free += 1;
    for (const letIn of lane.waiting) {
      if (lane.free === 0) return;
      letIn();
    }
  }

  function stay(name: Lane): () => void {
    const lendMs = lendsForMs[name];
    if (lendMs === null) return () => giveBack(name);
    let isOvertime = false;
    const timer = setTimeout(() => {
      if (overtime >= overtimeMax) return;
      isOvertime = true;
      overtime += 1;
      giveBack(name);
    }, lendMs);
    return () => {
      clearTimeout(timer);
      if (isOvertime) overtime -= 1;
      else giveBack(name);
    };
  }

  return {
    enter(name, signal) {
      const lane = laneOf(name);
      return new Promise((resolve) => {
        const leave = (): void => {
          lane.waiting.delete(letIn);
          resolve(null);
        };
        const letIn = (): void => {
          lane.waiting.delete(letIn);
          signal.removeEventListener("abort", leave);
          lane.free -= 1;
          resolve(stay(name));
        };
        if (signal.aborted) leave();
        else if (lane.free > 0) letIn();
        else {
          lane.waiting.add(letIn);
          signal.addEventListener("abort", leave, { once: true });
        }
      });
    },
  };
}
