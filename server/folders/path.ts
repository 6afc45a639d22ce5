/** Which paths inside a folder may be written: decided from the text alone, before the disk is looked at. */
import { invalid, done, type Outcome } from "../model/problem.ts";

/** Files that are being written have such a name until they are complete. */
export const uploadPrefix = ".serai-upload-";

const componentBytesMax = 255;
const pathBytesMax = 1024;

/** The parts of a relative path; at least one. */
export function splitPath(path: string): Outcome<readonly string[]> {
  const problem = problemOf(path);
  return problem === null ? done(path.split("/")) : invalid([{ path: "path", message: problem }]);
}

function problemOf(path: string): string | null {
  if (path === "") return "must not be empty";
  // oxlint-disable-next-line no-control-regex -- control characters are what is refused
  if (/[\0-\x1f\x7f]/.test(path)) return "must not contain a NUL or another control character, such as a line break";
  if (path.includes("\\")) return "must have / between its parts, not \\";
  if (path.startsWith("/")) return "must be relative to the folder: without a / at the beginning";
  if (Buffer.byteLength(path) > pathBytesMax) return `must be ${pathBytesMax} bytes or less`;
  const parts = path.split("/");
  if (parts.includes("..")) return "must stay inside the folder: without ..";
  if (parts.some((part) => part === "" || part === ".")) return "must not contain empty parts or .";
  if (parts.some((part) => Buffer.byteLength(part) > componentBytesMax)) return `must have parts of ${componentBytesMax} bytes or less`;
  if (parts.some((part) => part.startsWith(uploadPrefix))) return `must not have parts that begin with ${uploadPrefix}`;
  return null;
}
