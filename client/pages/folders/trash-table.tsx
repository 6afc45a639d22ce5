/** Deleted folders: back with one click, away for good only after their name was typed. */
import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState, type ReactElement } from "react";
import { useChange } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import { EmptyTrashDocument, type FolderItemFragment } from "../../gql/graphql.ts";
import { counted, inBytes } from "../../parts/bytes.ts";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";
import { listed } from "../../parts/listed.ts";
import { Ago } from "../../parts/time.tsx";
import { UsedBytes } from "./folder-words.tsx";
import { PurgeFolderDialog } from "./purge-folder-dialog.tsx";

type TrashTableProps = {
  readonly folders: readonly FolderItemFragment[];
  /** Without the filter: what emptying means. */
  readonly all: readonly FolderItemFragment[];
  readonly onRestore: (folder: FolderItemFragment) => Promise<boolean>;
  readonly onChanged: () => void;
};

export function TrashTable({ folders, all, onRestore, onChanged }: TrashTableProps): ReactElement {
  const change = useChange();
  const [purging, setPurging] = useState<FolderItemFragment | null>(null);
  const [emptying, setEmptying] = useState(false);
  const known = all.every(({ usedBytes }) => usedBytes !== null);
  const bytes = all.reduce((sum, { usedBytes }) => sum + (usedBytes ?? 0), 0);

  const empty = async () => {
    const outcome = await change(EmptyTrashDocument, {})
      .then((data) => outcomeOf(data.emptyTrash, "EmptyTrashSuccess"))
      .catch(unreachable);
    if (outcome.ok) notifications.show({ message: `${counted(outcome.value.folderIds.length, "folder")} deleted for good.` });
    onChanged();
    return outcome;
  };

  return (
    <>
      <div className="panel">
        <header>
          <span className="soft">Restoring brings a folder back as it was.</span>
          <Button variant="default" size="compact-md" onClick={() => setEmptying(true)}>
            Empty trash
          </Button>
        </header>
        <table className="table" aria-label="Trash">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col" className="middle">
                Usage
              </th>
              <th scope="col" className="number middle">
                Used
              </th>
              <th scope="col" className="middle">
                Deleted
              </th>
              <th scope="col" className="number">
                Control
              </th>
            </tr>
          </thead>
          <tbody>
            {folders.map((folder) => (
              <tr key={folder.id}>
                <td style={{ fontWeight: 500, overflowWrap: "anywhere" }}>{folder.name}</td>
                <td className="middle">{folder.usage === "MODEL" ? "Model" : "General"}</td>
                <td className="number middle">
                  <UsedBytes used={folder.usedBytes} quota={null} />
                </td>
                <td className="middle soft">{folder.trashedAt !== null && <Ago at={folder.trashedAt} />}</td>
                <td>
                  <span className="line" style={{ justifyContent: "flex-end", flexWrap: "wrap" }}>
                    <Button variant="default" size="compact-sm" aria-label={`Restore ${folder.name}`} onClick={() => void onRestore(folder)}>
                      Restore
                    </Button>
                    <Button
                      variant="subtle"
                      color="gray"
                      size="compact-sm"
                      aria-label={`Delete ${folder.name} for good`}
                      onClick={() => setPurging(folder)}
                    >
                      Delete for good
                    </Button>
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <PurgeFolderDialog folder={purging} onClose={() => setPurging(null)} onChanged={onChanged} />
      <ConfirmDialog opened={emptying} title="Empty trash" verb="Delete all for good" onConfirm={empty} onClose={() => setEmptying(false)}>
        {counted(all.length, "folder")} with every file in {all.length === 1 ? "it" : "them"}
        {known && ` (${inBytes(bytes)})`}: <b style={{ overflowWrap: "anywhere" }}>{listed(all.map(({ name }) => name))}</b>. This cannot be undone.
      </ConfirmDialog>
    </>
  );
}
