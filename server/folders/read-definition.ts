/** Finds and reads a folder's model definition. However large or odd the file is, no more than the limit is ever read. */
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open, realpath } from "node:fs/promises";
import { join } from "node:path";
import { definitionBytesMax, definitionFileNames, type DefinitionFile } from "../model/model-definition.ts";
import { codeOf } from "./errors.ts";
import { isHandleInside, isInside } from "./write-file.ts";

/** @param root the folder's directory, resolved. */
export async function readDefinitionIn(root: string): Promise<DefinitionFile> {
  for (const name of definitionFileNames) {
    const path = await realpath(join(root, name)).catch((thrown: unknown) => {
      if (codeOf(thrown) === "ENOENT") return null;
      throw thrown;
    });
    if (path === null) continue;
    return isInside(root, path) ? readBounded(root, path, name) : leadsOut(name);
  }
  const names = definitionFileNames.map((name) => `\`${name}\``).join(" or ");
  return problem(`the folder has no ${names}`, "Write one into the folder, then clear errors and retry.");
}

async function readBounded(root: string, path: string, name: string): Promise<DefinitionFile> {
  // Not blocking: a named pipe would keep us waiting for whoever writes to it.
  await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  // A session may have swapped a directory on the way for a link meanwhile.
  if (!(await isHandleInside(root, file))) return leadsOut(name);
  if (!(await file.stat()).isFile()) return problem(`\`${name}\` is not a plain file`, null);
  const buffer = Buffer.alloc(definitionBytesMax + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length);
    length += bytesRead;
    if (bytesRead === 0 || length === buffer.length) break;
  }
  if (length > definitionBytesMax) {
    return problem(`\`${name}\` is larger than ${definitionBytesMax / 1024} KiB`, "A definition is a page of text; keep data in other files.");
  }
  const bytes = buffer.subarray(0, length);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return { text, hash: createHash("sha256").update(bytes).digest("hex"), name };
  } catch {
    return problem(`\`${name}\` is not text in UTF-8`, "Save it as UTF-8.");
  }
}

const leadsOut = (name: string): DefinitionFile =>
  problem(`\`${name}\` is a link that leads out of the folder`, "Put the file itself into the folder.");

const problem = (message: string, hint: string | null): DefinitionFile => ({
  problem: { path: "", line: null, column: null, message, hint },
});
