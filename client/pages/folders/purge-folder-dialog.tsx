/** Deleting for good cannot be undone: it says what goes, and asks for the name. */
import { Button, Modal, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState, type ReactElement } from "react";
import { useChange } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import { PurgeFolderDocument, type FolderItemFragment } from "../../gql/graphql.ts";
import { inBytes } from "../../parts/bytes.ts";
import { Notice } from "../../parts/notice.tsx";

type PurgeFolderDialogProps = {
  readonly folder: FolderItemFragment | null;
  readonly onClose: () => void;
  readonly onChanged: () => void;
};

export function PurgeFolderDialog(props: PurgeFolderDialogProps): ReactElement {
  const { folder, onClose } = props;
  return (
    <Modal opened={folder !== null} onClose={onClose} title={<b>Delete for good</b>} centered>
      {folder !== null && <Content key={folder.id} {...props} folder={folder} />}
    </Modal>
  );
}

function Content({ folder, onClose, onChanged }: PurgeFolderDialogProps & { readonly folder: FolderItemFragment }): ReactElement {
  const change = useChange();
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState<string | null>(null);

  const purge = async () => {
    setBusy(true);
    const outcome = await change(PurgeFolderDocument, { input: { id: folder.id } })
      .then((data) => outcomeOf(data.purgeFolder, "PurgeFolderSuccess"))
      .catch(unreachable);
    setBusy(false);
    onChanged();
    if (!outcome.ok) return setMessage(outcome.message);
    notifications.show({ message: `${folder.name} was deleted for good.` });
    onClose();
  };

  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (typed === folder.name) void purge();
      }}
    >
      <Notice tone="red">{message}</Notice>
      <p>
        Every file in it{folder.usedBytes === null ? "" : ` (${inBytes(folder.usedBytes)})`} is deleted from the disk, unfinished uploads as well.
        This cannot be undone.
      </p>
      <TextInput
        label={
          <>
            Type <code>{folder.name}</code> to confirm
          </>
        }
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
        data-autofocus
      />
      <div className="line" style={{ justifyContent: "flex-end" }}>
        <Button variant="default" onClick={onClose}>
          Keep it
        </Button>
        <Button type="submit" color="red" disabled={typed !== folder.name} loading={busy}>
          Delete for good
        </Button>
      </div>
    </form>
  );
}
