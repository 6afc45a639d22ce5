/** The head of the list of files: what sorts, and the switch that chooses all. */
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import type { ReactElement } from "react";
import type { FileOrder } from "../../gql/graphql.ts";

type Column = "name" | "size" | "modified";
export type FileSort = { readonly by: Column; readonly descending: boolean };

const columns: readonly { readonly by: Column; readonly label: string; readonly className: string }[] = [
  { by: "name", label: "Name", className: "name" },
  { by: "size", label: "Size", className: "amount number" },
  { by: "modified", label: "Modified", className: "time" },
];

/** `?sort=-size`; what it does not understand is by name. */
export function readFileSort(search: URLSearchParams): FileSort {
  const sort = search.get("sort") ?? "name";
  return { by: columns.find(({ by }) => by === sort.replace(/^-/, ""))?.by ?? "name", descending: sort.startsWith("-") };
}

export const writeFileSort = ({ by, descending }: FileSort): string | null => (by === "name" && !descending ? null : `${descending ? "-" : ""}${by}`);

export function orderOf({ by, descending }: FileSort): FileOrder {
  const orders = {
    name: ["NAME_ASC", "NAME_DESC"],
    size: ["SIZE_ASC", "SIZE_DESC"],
    modified: ["MODIFIED_ASC", "MODIFIED_DESC"],
  } as const satisfies Record<Column, readonly [FileOrder, FileOrder]>;
  return orders[by][descending ? 1 : 0];
}

type FilesHeadProps = {
  readonly sort: FileSort;
  readonly onSort: (sort: FileSort) => void;
  readonly all: boolean;
  readonly some: boolean;
  readonly onAll: (all: boolean) => void;
};

export function FilesHead({ sort, onSort, all, some, onAll }: FilesHeadProps): ReactElement {
  return (
    <div role="row" className="files-head" aria-rowindex={1}>
      <span role="columnheader" className="choose">
        <input
          type="checkbox"
          aria-label="Choose all"
          checked={all}
          ref={(box) => {
            if (box !== null) box.indeterminate = some && !all;
          }}
          onChange={(event) => onAll(event.currentTarget.checked)}
        />
      </span>
      {columns.map(({ by, label, className }) => {
        const direction = sort.by === by ? (sort.descending ? "descending" : "ascending") : "none";
        // The largest and the newest are what one looks for first.
        const next = { by, descending: sort.by === by ? !sort.descending : by !== "name" };
        return (
          <span key={by} role="columnheader" className={className} aria-sort={direction}>
            <button type="button" className="sort" onClick={() => onSort(next)}>
              {label}
              {direction === "descending" ? <IconArrowDown aria-hidden /> : <IconArrowUp aria-hidden />}
            </button>
          </span>
        );
      })}
      <span role="columnheader" className="more" aria-label="Control" />
    </div>
  );
}
