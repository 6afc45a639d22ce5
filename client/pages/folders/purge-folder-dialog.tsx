/** Deleting for good cannot be undone: it says what goes, and asks for the name. */
import { notifications } from "@mantine/notifications";
import type { ReactElement } from "react";
import { useChange } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import { PurgeFolderDocument, type FolderItemFragment } from "../../gql/graphql.ts";
import { inBytes } from "../../parts/bytes.ts";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";

type PurgeFolderDialogProps = {
  readonly folder: FolderItemFragment | null;
  readonly onClose: () => void;
  readonly onChanged: () => void;
};

export function PurgeFolderDialog({ folder, onClose, onChanged }: PurgeFolderDialogProps): ReactElement {
  const change = useChange();
  const purge = async () => {
    const outcome = await change(PurgeFolderDocument, { input: { id: folder?.id ?? "" } })
      .then((data) => outcomeOf(data.purgeFolder, "PurgeFolderSuccess"))
      .catch(unreachable);
    onChanged();
    if (outcome.ok) notifications.show({ message: `${folder?.name} was deleted for good.` });
    return outcome;
  };
  return (
    <ConfirmDialog
      opened={folder !== null}
      title="Delete for good"
      verb="Delete for good"
      name={folder?.name ?? ""}
      onConfirm={purge}
      onClose={onClose}
    >
      Every file in it{typeof folder?.usedBytes === "number" && ` (${inBytes(folder.usedBytes)})`} is deleted from the disk, unfinished uploads as
      well. This cannot be undone.
    </ConfirmDialog>
  );
}
