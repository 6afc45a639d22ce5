/** Which lines have what is searched for, and at which of them the reader stands. */
import { useMemo, useState } from "react";
import { linesWith, type LogLines } from "./logs-lines.ts";

export type Search = {
  readonly text: string;
  readonly found: readonly number[];
  /** Key of the line that the reader stands at. */
  readonly at: number | null;
  readonly set: (text: string) => void;
  readonly step: (by: 1 | -1) => void;
};

/** @param onMoved the reader goes to a line, and so does not follow the end any more. */
export function useSearch(lines: LogLines, onMoved: () => void): Search {
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState<number | null>(null);
  const found = useMemo(() => linesWith(lines, text), [lines, text]);
  // The line may have been let go since.
  const at = chosen !== null && found.includes(chosen) ? chosen : null;
  const step = (by: 1 | -1): void => {
    if (found.length === 0) return;
    onMoved();
    const index = at === null ? (by === 1 ? -1 : 0) : found.indexOf(at);
    setChosen(found[(index + by + found.length) % found.length] ?? null);
  };
  const set = (next: string): void => {
    setText(next);
    setChosen(null);
  };
  return { text, found, at, set, step };
}
