/**
 * YAML text -> its tree, or what is wrong with it in plain words: the place that a person has to look at, and how to write it right.
 *
 * Hostile text is bounded before it is read: by its bytes, and by its pieces (a mistake costs microseconds each, and there can be one
 * in every byte). How deep it may nest is the library's limit. Aliases are bounded where they are followed (located.ts).
 */
import { Composer, Lexer, LineCounter, Parser, type Document } from "yaml";
import { explainYamlError, type PlacedMessage } from "./yaml-mistakes.ts";

const piecesMax = 40_000;
const badEscapesMax = 100;

export type YamlText = {
  readonly text: string;
  /** 1-based, inside the text, whatever the offset. */
  position(offset: number): { readonly line: number; readonly column: number };
};
export type YamlReading = { readonly ok: true; readonly document: Document } | { readonly ok: false; readonly mistakes: readonly PlacedMessage[] };

export function yamlText(text: string): YamlText {
  const starts = [0];
  for (let index = text.indexOf("\n"); index >= 0; index = text.indexOf("\n", index + 1)) starts.push(index + 1);
  return {
    text,
    position(offset) {
      const inside = Math.max(0, Math.min(offset, text.length));
      let [low, high] = [0, starts.length - 1];
      while (low < high) {
        const middle = Math.ceil((low + high) / 2);
        if ((starts[middle] ?? 0) <= inside) low = middle;
        else high = middle - 1;
      }
      return { line: low + 1, column: inside - (starts[low] ?? 0) + 1 };
    },
  };
}

/** @param text without a byte order mark. */
export function readYaml(text: string): YamlReading {
  const pieces = inspectPieces(text);
  if (pieces.mistake !== null) return { ok: false, mistakes: [pieces.mistake] };
  const lines = new LineCounter();
  const composer = new Composer({ lineCounter: lines, uniqueKeys: false, prettyErrors: false, logLevel: "silent", merge: false, schema: "core" });
  let first: Document | null = null;
  for (const document of composer.compose(new Parser(lines.addNewLine).parse(text), true, text.length)) {
    if (first !== null) return { ok: false, mistakes: [...mistakesIn(first, text, pieces), secondDocument(document, text)] };
    first = document;
  }
  if (first === null) throw new Error("every text is a document");
  return first.errors.length === 0 ? { ok: true, document: first } : { ok: false, mistakes: mistakesIn(first, text, pieces) };
}

function mistakesIn(document: Document, text: string, { unclosed }: Pieces): PlacedMessage[] {
  const left = [...unclosed];
  const byLine = new Map<number, PlacedMessage>();
  for (const error of document.errors.slice(0, 200)) {
    const mistake = explainYamlError({ code: error.code, message: error.message, offset: error.pos[0] }, text, left);
    const line = text.lastIndexOf("\n", mistake.offset - 1);
    // Of several in a line the first is the cause, the others follow from it.
    if (!byLine.has(line)) byLine.set(line, mistake);
    // Whatever comes after a bracket that is not closed, or closes nothing, is read as if it were inside, or outside.
    if (left.length < unclosed.length || /flow-(seq|map)-end/.test(error.message)) {
      return [...[...byLine.values()].filter(({ offset }) => offset < mistake.offset), mistake];
    }
  }
  return [...byLine.values()];
}

function secondDocument(document: Document, text: string): PlacedMessage {
  const start = document.contents?.range?.[0] ?? document.range?.[0] ?? 0;
  const mark = Math.max(text.lastIndexOf("\n---", start), text.lastIndexOf("\n...", start));
  return {
    offset: mark < 0 ? start : mark + 1,
    message: "a second document begins here, and a definition is one",
    hint: "Remove the `---` or `...` and what comes after it.",
  };
}

type Pieces = {
  readonly mistake: PlacedMessage | null;
  /** Where brackets open that nothing closes. */
  readonly unclosed: readonly number[];
};

/** Looks at the pieces one after the other, as the lexer finds them, and stops at the first thing that makes reading on useless. */
function inspectPieces(text: string): Pieces {
  const open: number[] = [];
  const unclosed: number[] = [];
  let [offset, count, badEscapes, isPlain] = [0, 0, 0, false];
  const stop = (message: string, hint: string): Pieces => ({ mistake: { offset, message, hint }, unclosed });
  for (const piece of new Lexer().lex(text)) {
    // Marks of the lexer, which are no text: a document, the end of a flow that is not closed, a plain text next.
    if (piece === "\x02" || piece === "\x18" || piece === "\x1f") {
      if (piece === "\x18") unclosed.push(...open.splice(0));
      isPlain = piece === "\x1f";
      continue;
    }
    count += 1;
    if (count > piecesMax) return stop("the file holds too many values", "A definition is a page of text; keep data in other files.");
    if (!isPlain) {
      const quote = piece[0];
      if (quote === "[" || quote === "{") open.push(offset);
      if (quote === "]" || quote === "}") open.pop();
      if (quote === "%") return stop("directives (`%…`) are not needed here", "Remove the line.");
      if ((quote === '"' || quote === "'") && (piece.length === 1 || !piece.endsWith(quote))) {
        return stop(`the quote that opens here is never closed`, `End the text with ${quote === '"' ? "a double" : "a single"} quote: ${quote}`);
      }
      if (quote === '"') {
        badEscapes += [...piece.matchAll(/\\[^0abt\tnvfre "/\\N_LPxuU\r\n]/g)].length;
        if (badEscapes > badEscapesMax) return stop("too much in these double quotes is no escape of YAML", "Use single quotes, or `|` and lines.");
      }
    }
    isPlain = false;
    offset += piece.length;
  }
  return { mistake: null, unclosed: [...unclosed, ...open] };
}
