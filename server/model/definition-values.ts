/**
 * The kinds of values that definitions hold. What zod says of a wrong one is shown to whoever wrote it, so each says what would be
 * right. An optional key without a value is as absent: the parser leaves it out before these look.
 */
import { z } from "zod";

const withoutNul = (value: string): boolean => !value.includes("\0");
const noNul = "must not contain a NUL character";

/** Text that must be something. `what` follows "must be". */
export const text = (what: string) => z.string(`must be ${what}`).min(1, "must not be empty").refine(withoutNul, noNul);

/** One word of a command, or a line: text that may be empty, but is never a number by chance. */
export const argument = z.string("must be text").refine(withoutNul, noNul);

/** As the original does, a number in quotes is taken for the number. */
const number = (kind: "whole" | "any", least: number, most: number, unit: string | null) => {
  const name = kind === "whole" ? "a whole number" : "a number";
  const range = `must be ${name}${unit === null ? "" : ` of ${unit}`} from ${least} to ${most}`;
  const inRange = (kind === "whole" ? z.int(range) : z.number(range)).min(least, range).max(most, range);
  const pattern = kind === "whole" ? /^[0-9]{1,15}$/ : /^[0-9]{1,15}(\.[0-9]{1,15})?$/;
  return z.union([inRange, z.string(range).regex(pattern, range).transform(Number).pipe(inRange)], range);
};
export const wholeNumber = (least: number, most: number, unit: string | null = null) => number("whole", least, most, unit);
export const seconds = (least: number, most: number) => number("any", least, most, "seconds");

export const flag = z.boolean("must be true or false");

/** Docker separates a bind's parts by `:`; `,` and `\\` mean something to others who read such paths, and `${` to Nomad. */
const oddInPaths = /[\p{Control}:,\\]|\$\{/u;

/** A quarter of what Linux takes: what is mounted there has paths of its own. */
const pathBytesMax = 1024;

export const absolutePath = text("an absolute path")
  .regex(/^\//, "must be an absolute path: one that begins with /")
  .refine((path) => Buffer.byteLength(path) <= pathBytesMax, `must be an absolute path of ${pathBytesMax} bytes or less`)
  .refine((path) => path.split("/").some((part) => part !== "" && part !== "."), "must be an absolute path below /")
  .refine((path) => !path.split("/").includes(".."), "must be an absolute path without `..`")
  .refine((path) => !oddInPaths.test(path), "must be an absolute path without `:`, `,`, `\\`, `${` and control characters");
