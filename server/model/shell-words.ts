/**
 * Text as words of POSIX sh: quoted so that it reaches the program byte by byte, with variables spliced in as the shell's own.
 *
 * A host environment shares the machine's ports and files: there, where an argument means the declared port, `model_path`,
 * `/home/work` or another mount, the word says what these really are. In a container they are real, and nothing is put in.
 */
import { type Place, replacePlaces } from "./host-paths.ts";
import { templateParts, type TemplatePart } from "./template.ts";

/** One word of sh that means exactly this text. */
export function quote(text: string): string {
  if (/^[A-Za-z0-9_./:=@%+,-]+$/.test(text)) return text;
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** What a host environment replaces: places by words of the shell. */
export type Host = { readonly port: number; readonly places: readonly Place[] };

/** Variables, each with the word that the shell replaces by its value. */
export type Names = ReadonlyMap<string, string>;

/** Exactly this text, but for known variables: other braces are the text's own. */
export const textWord = (text: string, names: Names): string =>
  joined(
    wordsOf(
      templateParts(text, (name) => names.has(name)),
      names,
    ),
  );

/** The same of a command, which may say `\\{name}` for a name in braces that is no variable, known or not. */
export const commandWord = (text: string, names: Names): string =>
  joined(
    wordsOf(
      templateParts(text, () => true),
      names,
    ),
  );

/** An argument or a path, of which a host environment replaces what means something else there. */
export function argumentWord(text: string, names: Names, host: Host | null, before: string | null = null): string {
  if (host === null) return commandWord(text, names);
  const port = portPrefix(text, before, host.port);
  if (port !== null) return `${port === "" ? "" : commandWord(port, names)}"$PORT"`;
  const parts = templateParts(text, () => true);
  const places = (literal: string, index: number): string =>
    replacePlaces(literal, host.places, quote, { first: index === 0, last: index === parts.length - 1 }) || "''";
  return joined(wordsOf(parts, names, places));
}

/** A program and its arguments. */
export const commandWords = (command: readonly string[], names: Names, host: Host | null): string =>
  command.map((argument, index) => argumentWord(argument, names, host, index === 0 ? null : (command[index - 1] ?? null))).join(" ");

const wordsOf = (parts: readonly TemplatePart[], names: Names, literal: (text: string, index: number) => string = quote): readonly string[] =>
  parts.map((part, index) => (part.kind === "text" ? literal(part.text, index) : (names.get(part.name) ?? quote(`{${part.name}}`))));

const joined = (words: readonly string[]): string => {
  // An empty text between others is nothing; alone it is an argument.
  const word = words.filter((one) => one !== "''").join("");
  return word === "" ? "''" : word;
};

/**
 * What stands before the declared port in an argument that means it, or null where it means something else.
 * It means it as a whole argument that no option precedes but one ending in `port`, or after `host:` or `port=`.
 */
function portPrefix(argument: string, before: string | null, port: number): string | null {
  const text = String(port);
  if (argument === text) {
    const afterOption = before !== null && before.startsWith("-");
    return !afterOption || /port$/i.test(before) ? "" : null;
  }
  if (!argument.endsWith(text)) return null;
  const prefix = argument.slice(0, -text.length);
  if (/port=$/i.test(prefix)) return prefix;
  return /^(--?[\w-]+=)?(\w+:\/\/)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9*._-]*):$/.test(prefix) ? prefix : null;
}
