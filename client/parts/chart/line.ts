/** One line of a chart: what it says at each of the chart's times, and how it is told apart from others without colour. */
export type Line = {
  readonly label: string;
  /** A colour of style.css. */
  readonly color: string;
  /** Lengths of dashes and gaps; nothing: drawn through. */
  readonly dash: readonly number[];
  /** Null where there was nothing to measure. */
  readonly values: readonly (number | null)[];
};

const dashes = [[], [6, 4], [2, 3], [10, 4, 2, 4]] as const;
const colors = ["var(--ink)", "var(--blue)", "var(--amber)", "var(--green)", "var(--grey)"];

/** The looks of lines that mean nothing by themselves, such as routes: twenty differ. */
export const lookOf = (index: number): Pick<Line, "color" | "dash"> => ({
  color: colors[index % colors.length] ?? "var(--ink)",
  dash: dashes[Math.floor(index / colors.length) % dashes.length] ?? [],
});
