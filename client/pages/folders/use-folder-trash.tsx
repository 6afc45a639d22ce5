/** Deleting a folder needs no question, because it can be undone: it goes to the trash, and the message about it has the way back. */
import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useCallback } from "react";
import { useChange } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import { DeleteFolderDocument, RestoreFolderDocument } from "../../gql/graphql.ts";

type Target = { readonly id: string; readonly name: string };
export type FolderTrash = {
  /** True when it went. */
  readonly remove: (folder: Target) => Promise<boolean>;
  readonly restore: (folder: Target) => Promise<boolean>;
};

/** Long enough to read it and to change one's mind. */
const undoMs = 12_000;

/** `onChanged`: something moved between the lists, possibly long after the page that asked for it was left. */
export function useFolderTrash(onChanged: () => void): FolderTrash {
  const change = useChange();

  const restore = useCallback(
    async (folder: Target): Promise<boolean> => {
      const outcome = await change(RestoreFolderDocument, { input: { id: folder.id } })
        .then((data) => outcomeOf(data.restoreFolder, "RestoreFolderSuccess"))
        .catch(unreachable);
      if (outcome.ok) notifications.show({ message: `${outcome.value.folder.name} is back.` });
      else refuse(`${folder.name} was not restored`, outcome.message);
      onChanged();
      return outcome.ok;
    },
    [change, onChanged],
  );

  const remove = useCallback(
    async (folder: Target): Promise<boolean> => {
      const outcome = await change(DeleteFolderDocument, { input: { id: folder.id } })
        .then((data) => outcomeOf(data.deleteFolder, "DeleteFolderSuccess"))
        .catch(unreachable);
      if (outcome.ok) offerUndo(folder, () => void restore(folder));
      else refuse(`${folder.name} was not deleted`, outcome.message);
      onChanged();
      return outcome.ok;
    },
    [change, onChanged, restore],
  );

  return { remove, restore };
}

function offerUndo(folder: Target, undo: () => void): void {
  const id = `trash-${folder.id}`;
  notifications.show({
    id,
    autoClose: undoMs,
    message: (
      <span className="line apart">
        <span style={{ overflowWrap: "anywhere" }}>{folder.name} is in the trash.</span>
        <Button
          variant="default"
          size="compact-sm"
          style={{ flex: "none" }}
          onClick={() => {
            notifications.hide(id);
            undo();
          }}
        >
          Undo
        </Button>
      </span>
    ),
  });
}

function refuse(title: string, message: string | null): void {
  notifications.show({ title, message: message ?? "", color: "red", autoClose: undoMs, role: "alert" });
}
