/** Keyboard in a table whose rows open: arrow keys, Home and End move between the rows' links; Enter is the link's own. */
import type { KeyboardEvent } from "react";

export function moveBetweenRows(event: KeyboardEvent<HTMLElement>): void {
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>(".row-link")];
  const row = (event.target as HTMLElement).closest("tr");
  const at = links.findIndex((link) => link.closest("tr") === row);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key];
  const link = next === undefined ? undefined : links[next];
  if (link === undefined) return;
  event.preventDefault();
  link.focus();
}

/**
 * Rows that do not jump while the pointer is over them: those that were there keep their places with their newest values,
 * those that have gone stay where they were, new ones come last. Put in order again when the pointer leaves.
 */
export function holdStill<Row extends { readonly id: string }>(
  shown: readonly Row[],
  next: readonly Row[],
  newest: (id: string) => Row | undefined,
): readonly Row[] {
  const before = new Set(shown.map((row) => row.id));
  return [...shown.map((row) => newest(row.id) ?? row), ...next.filter((row) => !before.has(row.id))];
}
