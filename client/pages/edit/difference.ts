/** Which lines differ between two texts: what is gone and what has come, with a little of what is around. */
export type DifferenceLine =
  | { readonly kind: "same" | "gone" | "come"; readonly text: string }
  /** Lines left out because they are alike. */
  | { readonly kind: "skipped"; readonly count: number };

const around = 2;
/** Beyond so many comparisons the middle is shown as replaced altogether. */
const comparisonsMax = 4_000_000;

type Line = Exclude<DifferenceLine, { kind: "skipped" }>;

export function differenceOf(before: string, after: string): readonly DifferenceLine[] {
  const [old, next] = [before.split("\n"), after.split("\n")];
  let start = 0;
  while (start < old.length && start < next.length && old[start] === next[start]) start += 1;
  let end = 0;
  while (end < old.length - start && end < next.length - start && old.at(-1 - end) === next.at(-1 - end)) end += 1;
  const same = (lines: readonly string[]): Line[] => lines.map((text) => ({ kind: "same", text }));
  return shorten([
    ...same(old.slice(0, start)),
    ...middle(old.slice(start, old.length - end), next.slice(start, next.length - end)),
    ...same(old.slice(old.length - end)),
  ]);
}

/** By the longest common subsequence of lines. */
function middle(old: readonly string[], next: readonly string[]): readonly Line[] {
  const gone = (text: string): Line => ({ kind: "gone", text });
  const come = (text: string): Line => ({ kind: "come", text });
  if (old.length * next.length > comparisonsMax) return [...old.map(gone), ...next.map(come)];
  const width = next.length + 1;
  const common = new Uint32Array((old.length + 1) * width);
  const at = (row: number, column: number): number => common[row * width + column] ?? 0;
  for (let row = old.length - 1; row >= 0; row--) {
    for (let column = next.length - 1; column >= 0; column--) {
      const isSame = old[row] === next[column];
      common[row * width + column] = isSame ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const lines: Line[] = [];
  let [row, column] = [0, 0];
  while (row < old.length || column < next.length) {
    if (row < old.length && column < next.length && old[row] === next[column]) {
      lines.push({ kind: "same", text: old[row] ?? "" });
      row += 1;
      column += 1;
    } else if (row < old.length && (column === next.length || at(row + 1, column) >= at(row, column + 1))) {
      lines.push(gone(old[row] ?? ""));
      row += 1;
    } else {
      lines.push(come(next[column] ?? ""));
      column += 1;
    }
  }
  return lines;
}

function shorten(lines: readonly Line[]): readonly DifferenceLine[] {
  const isNear = lines.map((_line, place) => lines.slice(Math.max(0, place - around), place + around + 1).some(({ kind }) => kind !== "same"));
  const shown: DifferenceLine[] = [];
  for (const [place, line] of lines.entries()) {
    const last = shown.at(-1);
    if (isNear[place] === true) shown.push(line);
    else if (last?.kind === "skipped") shown[shown.length - 1] = { kind: "skipped", count: last.count + 1 };
    else shown.push({ kind: "skipped", count: 1 });
  }
  return shown;
}
