/** Mistakes in YAML in plain words: what the library found, told as what a person most probably did. */
import type { ErrorCode } from "yaml";

/** A message about a place in a text. */
export type PlacedMessage = { readonly offset: number; readonly message: string; readonly hint: string | null };

type Found = { readonly code: ErrorCode; readonly message: string; readonly offset: number };
type Line = { readonly text: string; readonly start: number };

/** @param unclosed where brackets open that nothing closes; each is taken from it once. */
export function explainYamlError(found: Found, text: string, unclosed: number[]): PlacedMessage {
  const line = lineAt(text, found.offset);
  const explained = byLine(found, line, text) ?? byCode(found, line, text, unclosed);
  return { offset: found.offset, hint: null, ...explained, message: `not valid YAML: ${explained.message}` };
}

type Explained = { readonly offset?: number; readonly message: string; readonly hint?: string };

/** What the line itself gives away. */
function byLine({ code, offset }: Found, line: Line, text: string): Explained | null {
  if (code === "TAB_AS_INDENT" || /^ *\t/.test(line.text)) {
    return { offset: line.start + line.text.indexOf("\t"), message: "a tab", hint: "Indent with spaces: YAML allows no tabs there." };
  }
  if (code !== "MULTILINE_IMPLICIT_KEY" && code !== "MISSING_CHAR" && code !== "BLOCK_AS_IMPLICIT_KEY") return null;
  const [whole, before = "", key = "", value = ""] = /^(\s*(?:- +)*)([A-Za-z_][\w-]*):([^\s:/][^\n\r]*|\/[^/\r\n][^\n\r]*)/.exec(line.text) ?? [];
  if (whole !== undefined) {
    const after = line.start + before.length + key.length + 1;
    return { offset: after, message: `a space is missing after \`${key}:\``, hint: `Write \`${key}: ${shown(value)}\`.` };
  }
  const next = lineAt(text, line.start + line.text.length + 1);
  const [, indent = "", nextKey = ""] = /^(\s*)([\w-]+):(\s|$)/.exec(next.text) ?? [];
  const [, ownIndent = "", ownKey = ""] = /^(\s*(?:- +)*)([\w-]+): *[^\s|>]/.exec(line.text) ?? [];
  if (nextKey !== "" && ownKey !== "" && indent.length > ownIndent.length && next.start > offset) {
    return {
      offset: next.start + indent.length,
      message: `\`${shown(nextKey)}\` is indented more than \`${shown(ownKey)}\` before it, which has a value`,
      hint: `Begin \`${shown(nextKey)}\` in column ${ownIndent.length + 1}.`,
    };
  }
  return null;
}

function byCode({ code, message, offset }: Found, line: Line, text: string, unclosed: number[]): Explained {
  const from = line.start + (line.text.length - line.text.trimStart().length);
  const before = text.slice(line.start, offset);
  if (message.startsWith("Flow ") || message.includes("must be sufficiently indented")) {
    const opened = unclosed.shift() ?? offset;
    const bracket = text[opened] === "{" ? "{" : "[";
    const closing = bracket === "{" ? "}" : "]";
    return {
      offset: opened,
      message: `the \`${bracket}\` that opens here is never closed`,
      hint: `Close it with \`${closing}\`; a text that begins with \`${bracket}\` must be in quotes.`,
    };
  }
  switch (code) {
    case "BLOCK_AS_IMPLICIT_KEY":
      if (message.includes("sequence"))
        return { offset: from, message: "an item of a list (`- `) among the keys of a mapping", hint: "A place holds a list or keys, not both." };
      return { message: "a text with `: ` in it", hint: "Put the text in quotes." };
    case "MULTILINE_IMPLICIT_KEY":
      return {
        offset: from,
        message: "a line that is neither `key: value` nor an item of a list (`- `)",
        hint: "Is there a colon missing after the key?",
      };
    case "MISSING_CHAR":
      if (message.includes("Sequence item")) {
        return {
          offset: from,
          message: "the line is no item of the list that it is indented like",
          hint: "Begin it with `- `, or in the column of the keys it belongs to.",
        };
      }
      if (message.includes("quote")) return { message: "a quote is never closed", hint: "End the text with the quote that it begins with." };
      return {
        offset: from,
        message: "a line that is neither `key: value` nor an item of a list (`- `)",
        hint: "Is there a colon missing after the key?",
      };
    case "BAD_INDENT":
      return {
        offset: from,
        message: "the line begins in another column than what it stands beside",
        hint: "Begin keys that belong together, and items of a list, in the same column.",
      };
    case "UNEXPECTED_TOKEN":
      return unexpected(message, before, text[offset] ?? "");
    case "BAD_SCALAR_START":
      return { message: `a text cannot begin with \`${text[offset] ?? ""}\``, hint: "Put the text in quotes." };
    case "BAD_ALIAS":
    case "ALIAS_PROPS":
    case "BAD_PROP_ORDER":
    case "MULTIPLE_ANCHORS":
    case "MULTIPLE_TAGS":
      return { message: "`&`, `*` and `!` have a meaning of their own at the beginning of a text", hint: "Put the text in quotes." };
    case "BAD_DQ_ESCAPE":
      return {
        message: `\`${shown(text.slice(offset, offset + 2))}\` is no escape in double quotes`,
        hint: `Write \`\\\\\` for a backslash, or use single quotes.`,
      };
    case "BLOCK_IN_FLOW":
      return { message: "lines of `- ` or `key:` inside of brackets", hint: "Inside of [ ] and { } write commas between the items." };
    case "KEY_OVER_1024_CHARS":
      return { message: "a key of more than 1024 characters", hint: "Put texts with `: ` in them in quotes." };
    case "RESOURCE_EXHAUSTION":
      return { message: "it is nested too deeply", hint: "A definition is a few levels deep." };
    default:
      return { message: message.split("\n")[0] ?? "" };
  }
}

function unexpected(message: string, before: string, character: string): Explained {
  if (/flow-(seq|map)-end/.test(message))
    return { message: `a \`${character}\` that nothing opens`, hint: "Put texts with brackets at their ends in quotes." };
  if (message.includes("Block scalar header")) return { message: "text after `|` or `>`", hint: "The text begins in the next line, indented." };
  if (message.includes("node end")) {
    if (/[}\]]\s*$/.test(before))
      return { message: "text after a closing bracket", hint: "A text that begins with `{` or `[` must be in quotes as a whole." };
    return {
      message: "text after a closing quote",
      hint: "Quotes inside of quotes are doubled ('') in single ones, and written \\\" in double ones.",
    };
  }
  return { message: `\`${character}\` is not expected here`, hint: "Put texts with special characters in quotes." };
}

function lineAt(text: string, offset: number): Line {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const end = text.indexOf("\n", start);
  // A line can be the whole file; what gives a mistake away is at its beginning.
  return { text: text.slice(start, Math.min(end < 0 ? text.length : end, start + 500)).replace(/\r$/, ""), start };
}

const shown = (text: string): string => (text.length > 60 ? `${text.slice(0, 60).toWellFormed()}…` : text);
