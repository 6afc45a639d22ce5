/** The trace that a request belongs to (W3C Trace Context, 3.2): its own, or one that begins here. */
import { randomFillSync } from "node:crypto";

/** Version, trace, parent and flags; later versions may say more behind them. */
const pattern = /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}(?:$|-)/;

/** Random bytes are had for many requests at once, for asking costs more than they do. */
const random = Buffer.alloc(24 * 200);
let at = random.length;

/**
 * @param given all headers of that name.
 * @returns null where the one given is to be passed on as it is: also whether it is sampled is for those to say who trace.
 */
export function traceParent(given: readonly string[]): string | null {
  const [only, ...more] = given;
  if (only !== undefined && more.length === 0 && pattern.test(only) && (only.length === 55 || !only.startsWith("00"))) return null;
  if (at === random.length) {
    randomFillSync(random);
    at = 0;
  }
  const text = random.toString("hex", at, at + 24);
  at += 24;
  // Sampled: a model that traces what its callers trace would else record nothing.
  return `00-${text.slice(0, 32)}-${text.slice(32)}-01`;
}
