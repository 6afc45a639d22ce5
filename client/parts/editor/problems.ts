/** What the server says is wrong with the text, as marks at its lines. */
import type { Diagnostic } from "@codemirror/lint";
import type { Text } from "@codemirror/state";

export type Mark = {
  readonly severity: "error" | "warning";
  /** From 1; null: of the file as a whole, shown at its beginning. */
  readonly line: number | null;
  readonly column: number | null;
  readonly message: string;
  readonly hint: string | null;
};

export const diagnosticsOf = (text: Text, marks: readonly Mark[]): readonly Diagnostic[] =>
  marks.map((mark) => ({
    ...rangeOf(text, mark),
    severity: mark.severity,
    message: mark.hint === null ? mark.message : `${mark.message}. ${mark.hint}`,
  }));

/** From the column to the end of the word there; the whole line where no column is known. A text that has changed meanwhile may be shorter. */
export function rangeOf(text: Text, { line, column }: Pick<Mark, "line" | "column">): { readonly from: number; readonly to: number } {
  const found = text.line(Math.min(Math.max(line ?? 1, 1), text.lines));
  const indentation = /^\s*/.exec(found.text)?.[0].length ?? 0;
  const from = Math.min(found.from + (column === null ? indentation : column - 1), found.to);
  const rest = found.text.slice(from - found.from);
  const length = column === null ? rest.trimEnd().length : (/^("[^"]*"|'[^']*'|[^\s:#,\]}]+)/.exec(rest)?.[0].length ?? rest.trimEnd().length);
  return { from, to: from + length };
}
