/**
 * Which paths inside a folder are taken: decided from the text alone, before the disk is looked at.
 *
 * What is made anew has a name that every tool can show and type. What a session left may be called anything; to be read, moved
 * away or deleted its path need only stay inside the folder. Bytes of a name that are no UTF-8 appear as lone surrogates
 * (U+DC80 to U+DCFF, as in Python), so that every name there is can be written as text, and read back (name.ts).
 */
import { invalid, done, type Outcome } from "../model/problem.ts";
import { byteLengthOf, bytesOfName } from "./name.ts";

/** Files that are being written have such a name until they are complete, and what is being deleted until it is gone. */
export const uploadPrefix = ".serai-upload-";

const componentBytesMax = 255;
const pathBytesMax = 1024;
/** PATH_MAX, below which no session could have made one by its full name either. */
const presentPathBytesMax = 4096;

type Parts = readonly [string, ...string[]];

/** The parts of a relative path at which something may be made. */
export const splitPath = (path: string, field = "path"): Outcome<Parts> => split(path, field, newProblemOf(path));

/** The parts of a relative path at which something may be that somebody left there. */
export const splitPresentPath = (path: string, field = "path"): Outcome<Parts> => split(path, field, problemOf(path, presentPathBytesMax));

/** The same, of a directory; the empty path is the folder itself. */
export const splitDirectoryPath = (path: string): Outcome<readonly string[]> => (path === "" ? done([]) : splitPresentPath(path));

function split(path: string, field: string, problem: string | null): Outcome<Parts> {
  return problem === null ? done(path.split("/") as [string, ...string[]]) : invalid([{ path: field, message: problem }]);
}

const halfCharacter = "must be text: it contains half a character";

function newProblemOf(path: string): string | null {
  // oxlint-disable-next-line no-control-regex -- control characters are what is refused
  if (/[\0-\x1f\x7f]/.test(path)) return "must not contain a NUL or another control character, such as a line break";
  if (path.includes("\\")) return "must have / between its parts, not \\";
  return path.isWellFormed() ? problemOf(path, pathBytesMax) : halfCharacter;
}

function problemOf(path: string, bytesMax: number): string | null {
  if (path === "") return "must not be empty";
  if (path.includes("\0")) return "must not contain a NUL";
  if (bytesOfName(path) === null) return halfCharacter;
  if (path.startsWith("/")) return "must be relative to the folder: without a / at the beginning";
  if (byteLengthOf(path) > bytesMax) return `must be ${bytesMax} bytes or less`;
  const parts = path.split("/");
  if (parts.includes("..")) return "must stay inside the folder: without ..";
  if (parts.some((part) => part === "" || part === ".")) return "must not contain empty parts or .";
  if (parts.some((part) => byteLengthOf(part) > componentBytesMax)) return `must have parts of ${componentBytesMax} bytes or less`;
  if (parts.some((part) => part.startsWith(uploadPrefix))) return `must not have parts that begin with ${uploadPrefix}`;
  return null;
}
