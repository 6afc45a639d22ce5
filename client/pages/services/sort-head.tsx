/** The head of a column that sorts. */
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import type { ReactElement } from "react";
import { sortBy, type Column, type ListView } from "./list-view.ts";

type SortHeadProps = {
  readonly view: ListView;
  readonly onView: (view: ListView) => void;
  readonly column: Column;
  readonly label: string;
  readonly className?: string;
};

export function SortHead({ view, onView, column, label, className }: SortHeadProps): ReactElement {
  const direction = view.by === column ? (view.descending ? "descending" : "ascending") : "none";
  return (
    <th scope="col" className={className} aria-sort={direction}>
      <button type="button" className="sort" onClick={() => onView(sortBy(view, column))}>
        {label}
        {direction === "descending" ? <IconArrowDown aria-hidden /> : <IconArrowUp aria-hidden />}
      </button>
    </th>
  );
}
