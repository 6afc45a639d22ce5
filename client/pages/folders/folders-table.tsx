/** Folders of one usage: what is in them, who uses them, and what can be done with each. The whole row opens. */
import { Button } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconFileText } from "@tabler/icons-react";
import type { KeyboardEvent, ReactElement } from "react";
import { Link } from "wouter";
import type { FolderItemFragment } from "../../gql/graphql.ts";
import { Blank } from "../../parts/blank.tsx";
import { moveBetweenRows } from "../../parts/rows.ts";
import { Ago } from "../../parts/time.tsx";
import { editAddress } from "../edit/address.ts";
import { folderAddress } from "./address.ts";
import { FolderMenu } from "./folder-menu.tsx";
import { permissionWord, UsedBytes, UsedBy } from "./folder-words.tsx";
import { sortFoldersBy, type FolderColumn, type FolderView } from "./folders-view.ts";

type FoldersTableProps = {
  readonly folders: readonly FolderItemFragment[];
  readonly view: FolderView;
  readonly onView: (view: FolderView) => void;
  readonly onChange: (folder: FolderItemFragment) => void;
  readonly onDelete: (folder: FolderItemFragment) => void;
};

export function FoldersTable({ folders, view, onView, onChange, onDelete }: FoldersTableProps): ReactElement {
  if (folders.length === 0) {
    return (
      <div className="panel">
        <Blank title="No folder matches" text="Another name may.">
          <Button variant="default" onClick={() => onView({ ...view, name: "" })}>
            Show all
          </Button>
        </Blank>
      </div>
    );
  }
  const head = { view, onView };
  const keys = (event: KeyboardEvent<HTMLElement>) => {
    const name = (event.target as HTMLElement).closest("tr")?.dataset["folder"];
    const folder = folders.find(({ id }) => id === name);
    const onLink = (event.target as HTMLElement).classList.contains("row-link");
    if (folder !== undefined && onLink && event.key === "F2") onChange(folder);
    else if (folder !== undefined && onLink && event.key === "Delete") onDelete(folder);
    else moveBetweenRows(event);
  };
  return (
    <div className="panel" onKeyDown={keys}>
      <table className="table" aria-label="Folders">
        <thead>
          <tr>
            <Head {...head} column="name" label="Name" />
            <Head {...head} column="permission" label="Permission" className="middle" />
            <Head {...head} column="used" label="Used" className="number" />
            <th scope="col" className="wide">
              Used by
            </th>
            <Head {...head} column="created" label="Created" className="middle" />
            <th scope="col" className="number">
              Control
            </th>
          </tr>
        </thead>
        <tbody>
          {folders.map((folder) => (
            <tr key={folder.id} data-folder={folder.id}>
              <td style={{ overflowWrap: "anywhere" }}>
                <Link href={folderAddress(folder.id)} className="row-link">
                  {folder.name}
                </Link>
              </td>
              <td className="middle unbroken">{permissionWord[folder.permission]}</td>
              <td className="number">
                <UsedBytes used={folder.usedBytes} quota={folder.quotaBytes} />
              </td>
              <td className="wide">
                <UsedBy services={folder.usedBy} />
              </td>
              <td className="middle soft" title={`By ${folder.createdBy.name}`}>
                <Ago at={folder.createdAt} />
              </td>
              <td>
                <span className="line" style={{ justifyContent: "flex-end" }}>
                  {folder.usage === "MODEL" && (
                    <Button
                      component={Link}
                      href={editAddress(folder.id, "model-definition.yml")}
                      variant="default"
                      size="compact-sm"
                      className="above only-wide"
                      leftSection={<IconFileText size={16} stroke={1.5} />}
                    >
                      Write definition
                    </Button>
                  )}
                  <FolderMenu folder={folder} onChange={() => onChange(folder)} onDelete={() => onDelete(folder)} />
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

type HeadProps = {
  readonly view: FolderView;
  readonly onView: (view: FolderView) => void;
  readonly column: FolderColumn;
  readonly label: string;
  readonly className?: string;
};

function Head({ view, onView, column, label, className }: HeadProps): ReactElement {
  const direction = view.by === column ? (view.descending ? "descending" : "ascending") : "none";
  return (
    <th scope="col" className={className} aria-sort={direction}>
      <button type="button" className="sort" onClick={() => onView(sortFoldersBy(view, column))}>
        {label}
        {direction === "descending" ? <IconArrowDown aria-hidden /> : <IconArrowUp aria-hidden />}
      </button>
    </th>
  );
}
