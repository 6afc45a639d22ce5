/** Renames a folder and changes what may be done with it. Services find it by its id, so a new name breaks none. */
import { Button, Modal } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useState, type ReactElement } from "react";
import { useChange } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import { ModifyFolderDocument, type FolderItemFragment } from "../../gql/graphql.ts";
import { Notice } from "../../parts/notice.tsx";
import { useRefusedName } from "../../parts/refused-name.ts";
import { FolderFields } from "./folder-fields.tsx";
import { folderErrorPaths, quotaBytesOf, quotaGiBOf, validateFolder, type FolderValues } from "./folder-form.ts";

type FolderSettingsDialogProps = {
  readonly folder: FolderItemFragment | null;
  readonly onClose: () => void;
  readonly onChanged: () => void;
};

export function FolderSettingsDialog(props: FolderSettingsDialogProps): ReactElement {
  const { folder, onClose } = props;
  return (
    <Modal opened={folder !== null} onClose={onClose} title={<b>Folder settings</b>} centered>
      {folder !== null && <Content key={folder.id} {...props} folder={folder} />}
    </Modal>
  );
}

type ContentProps = FolderSettingsDialogProps & { readonly folder: FolderItemFragment };

function Content({ folder, onClose, onChanged }: ContentProps): ReactElement {
  const change = useChange();
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const form = useForm<FolderValues>({
    initialValues: { name: folder.name, permission: folder.permission, quotaGiB: quotaGiBOf(folder.quotaBytes) },
    validate: validateFolder,
    validateInputOnBlur: true,
  });
  const refusedName = useRefusedName(form);

  const save = async ({ name, permission, quotaGiB }: FolderValues) => {
    setBusy(true);
    const input = { id: folder.id, name: name.trim(), permission, quotaBytes: quotaBytesOf(quotaGiB) };
    const outcome = await change(ModifyFolderDocument, { input })
      .then((data) => outcomeOf(data.modifyFolder, "ModifyFolderSuccess", Object.keys(folderErrorPaths)))
      .catch(unreachable);
    setBusy(false);
    if (outcome.ok) {
      notifications.show({ message: `${outcome.value.folder.name} was saved.` });
      onChanged();
      return onClose();
    }
    setMessage(refusedName.show(outcome, folderErrorPaths));
  };

  return (
    <form className="stack" noValidate onSubmit={form.onSubmit((values) => void save(values))}>
      <Notice tone="red">{message}</Notice>
      <FolderFields name={refusedName.input} permission={form.getInputProps("permission")} quotaGiB={form.getInputProps("quotaGiB")} />
      {folder.usedBy.length > 0 && (
        <p className="soft">Sessions that run keep the permission they were started with; the next ones follow what is set here.</p>
      )}
      <div className="line" style={{ justifyContent: "flex-end" }}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={busy}>
          Save
        </Button>
      </div>
    </form>
  );
}
