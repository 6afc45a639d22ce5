/** A reader that takes nothing for so long has gone without saying so, or keeps our files open on purpose. It can go on with a range. */
import type { ServerResponse } from "node:http";

const stalledMs = 5 * 60_000;

/** Node looks at what is still unsent: slowly read is not stalled. @param afterMs for tests. */
export const cutStalled = (response: ServerResponse, afterMs = stalledMs): void => void response.setTimeout(afterMs, () => response.destroy());
