/**
 * Finds and reads a folder's model definition. However large or odd the file is, no more than the limit is ever read.
 *
 * `model-definition.yml` wins over `.yaml`. What is there besides and may be meant, a second definition or a name that only looks like
 * one, is told as a warning: nobody is to wonder why an edit changes nothing.
 */
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open, opendir, realpath } from "node:fs/promises";
import { join } from "node:path";
import { definitionFileNames, lookAlikeOf } from "../model/definition-names.ts";
import type { DefinitionFile } from "../model/model-definition.ts";
import { definitionBytesMax, definitionTooLarge } from "../model/parse-definition.ts";
import { fileProblem, type Problem } from "../model/problem.ts";
import { codeOf } from "./errors.ts";
import { isHandleInside, isInside } from "./walk.ts";

/** A folder may hold 100,000 files; after these nobody looks for names that only look like a definition's. */
const namesMax = 2000;
const warningsMax = 5;

/** @param root the folder's directory, resolved. */
export async function readDefinitionIn(root: string): Promise<DefinitionFile> {
  const alike = await lookAlikesIn(root);
  for (const [index, name] of definitionFileNames.entries()) {
    const path = await resolved(join(root, name));
    if (path === null) continue;
    const others = index === 0 ? await besides(root, name) : [];
    const warnings = [...others, ...alike.map((other) => fileProblem(`\`${other}\` is not read: \`${name}\` is`, `Delete or rename \`${other}\`.`))];
    const read = isInside(root, path) ? await readBounded(root, path, name) : leadsOut(name);
    return { ...read, warnings };
  }
  const names = definitionFileNames.map((name) => `\`${name}\``).join(" or ");
  const [first] = alike;
  const hint =
    first === undefined
      ? "Write one into the folder, then clear errors and retry."
      : `There is \`${first}\`: rename it to \`${lookAlikeOf(first) ?? ""}\`, then clear errors and retry.`;
  return { problem: fileProblem(`the folder has no ${names}`, hint), warnings: alike.map((other) => fileProblem(`\`${other}\` is not read`, null)) };
}

async function resolved(path: string): Promise<string | null> {
  return realpath(path).catch((thrown: unknown) => {
    if (codeOf(thrown) === "ENOENT") return null;
    throw thrown;
  });
}

async function besides(root: string, read: string): Promise<Problem[]> {
  const [, other] = definitionFileNames;
  if ((await resolved(join(root, other))) === null) return [];
  return [fileProblem(`\`${other}\` is not read: where both are present, \`${read}\` is`, `Delete one of them.`)];
}

async function lookAlikesIn(root: string): Promise<string[]> {
  const found: string[] = [];
  let seen = 0;
  for await (const { name } of await opendir(root)) {
    if (lookAlikeOf(name) !== null) found.push(name);
    seen += 1;
    if (seen === namesMax || found.length === warningsMax) break;
  }
  return found.sort();
}

type Read = { readonly text: string; readonly hash: string; readonly name: string } | { readonly problem: Problem };

async function readBounded(root: string, path: string, name: string): Promise<Read> {
  // Not blocking: a named pipe would keep us waiting for whoever writes to it.
  await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  // A session may have swapped a directory on the way for a link meanwhile.
  if (!(await isHandleInside(root, file))) return leadsOut(name);
  if (!(await file.stat()).isFile()) return { problem: fileProblem(`\`${name}\` is not a plain file`, null) };
  const buffer = Buffer.alloc(definitionBytesMax + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length);
    length += bytesRead;
    if (bytesRead === 0 || length === buffer.length) break;
  }
  if (length > definitionBytesMax) return { problem: definitionTooLarge };
  const bytes = buffer.subarray(0, length);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return { text, hash: createHash("sha256").update(bytes).digest("hex"), name };
  } catch {
    return { problem: fileProblem(`\`${name}\` is not text in UTF-8`, "Save it as UTF-8.") };
  }
}

const leadsOut = (name: string): Read => ({
  problem: fileProblem(`\`${name}\` is a link that leads out of the folder`, "Put the file itself into the folder."),
});
