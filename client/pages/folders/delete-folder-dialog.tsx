/** Deleting a folder. The server refuses while services use it, and names them. */
import { notifications } from "@mantine/notifications";
import type { ReactElement } from "react";
import { useChange } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import { DeleteFolderDocument, type FolderItemFragment } from "../../gql/graphql.ts";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";

type DeleteFolderDialogProps = { readonly folder: FolderItemFragment | null; readonly onClose: () => void };

export function DeleteFolderDialog({ folder, onClose }: DeleteFolderDialogProps): ReactElement {
  const change = useChange();
  const remove = async () => {
    const outcome = await change(DeleteFolderDocument, { input: { id: folder?.id ?? "" } })
      .then((data) => outcomeOf(data.deleteFolder, "DeleteFolderSuccess"))
      .catch(unreachable);
    if (outcome.ok) notifications.show({ message: `${folder?.name ?? "The folder"} was deleted.` });
    return outcome;
  };
  return (
    <ConfirmDialog opened={folder !== null} title="Delete folder" verb="Delete" onConfirm={remove} onClose={onClose}>
      The folder <b>{folder?.name}</b> and every file in it are deleted. This cannot be undone.
    </ConfirmDialog>
  );
}
