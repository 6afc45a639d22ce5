/**
 * Finds and reads a folder's model definition. However large or odd the file is, no more than the limit is ever read.
 *
 * `model-definition.yml` wins over `.yaml`. What is there besides and may be meant, a second definition or a name that only looks like
 * one, is told as a warning: nobody is to wonder why an edit changes nothing.
 */
import { createHash } from "node:crypto";
import { opendir } from "node:fs/promises";
import { definitionFileNames, lookAlikeOf } from "../model/definition-names.ts";
import type { DefinitionFile } from "../model/model-definition.ts";
import { definitionBytesMax, definitionTooLarge } from "../model/parse-definition.ts";
import { fileProblem, type Problem } from "../model/problem.ts";
import { readAtMost } from "./read-file.ts";
import { look, openFile, pathOfHandle, type Root } from "./walk.ts";

/** A folder may hold 100,000 files; after these nobody looks for names that only look like a definition's. */
const namesMax = 2000;
const warningsMax = 5;

export async function readDefinitionIn(root: Root): Promise<DefinitionFile> {
  const alike = await lookAlikesIn(root);
  for (const [index, name] of definitionFileNames.entries()) {
    const read = await readOne(root, name);
    if (read === null) continue;
    const others = index === 0 ? await besides(root, name) : [];
    const warnings = [...others, ...alike.map((other) => fileProblem(`\`${other}\` is not read: \`${name}\` is`, `Delete or rename \`${other}\`.`))];
    return { ...read, warnings };
  }
  const names = definitionFileNames.map((name) => `\`${name}\``).join(" or ");
  const [first] = alike;
  const hint =
    first === undefined
      ? "Write one into the folder, then clear errors and retry."
      : `There is \`${first}\`: rename it to \`${lookAlikeOf(first) ?? ""}\`, then clear errors and retry.`;
  return {
    problem: fileProblem(`the folder has no ${names}`, hint),
    isMissing: true,
    warnings: alike.map((other) => fileProblem(`\`${other}\` is not read`, null)),
  };
}

async function besides({ handle }: Root, read: string): Promise<Problem[]> {
  const [, other] = definitionFileNames;
  if ((await look(handle, other)) === null) return [];
  return [fileProblem(`\`${other}\` is not read: where both are present, \`${read}\` is`, `Delete one of them.`)];
}

async function lookAlikesIn({ handle }: Root): Promise<string[]> {
  const found: string[] = [];
  let seen = 0;
  for await (const { name } of await opendir(pathOfHandle(handle))) {
    if (lookAlikeOf(name) !== null) found.push(name);
    seen += 1;
    if (seen === namesMax || found.length === warningsMax) break;
  }
  return found.sort();
}

type Read = { readonly text: string; readonly hash: string; readonly name: string } | { readonly problem: Problem; readonly isMissing: false };

/** Null: there is none of this name. */
async function readOne(root: Root, name: string): Promise<Read | null> {
  await using opened = new AsyncDisposableStack();
  const found = await openFile({ root, handle: root.handle }, name, opened);
  if (found === "missing") return null;
  if (found === "leadsOut") {
    return unusable(`\`${name}\` is a link that leads out of the folder, or to nothing`, "Put the file itself into the folder.");
  }
  if (typeof found === "string") return unusable(`\`${name}\` is not a plain file`, null);
  const bytes = await readAtMost(found.handle, definitionBytesMax);
  if (bytes === null) return { problem: definitionTooLarge, isMissing: false };
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return { text, hash: createHash("sha256").update(bytes).digest("hex"), name };
  } catch {
    return unusable(`\`${name}\` is not text in UTF-8`, "Save it as UTF-8.");
  }
}

const unusable = (message: string, hint: string | null): Read => ({ problem: fileProblem(message, hint), isMissing: false });
