/** Makes a folder. Used on its page and from the start dialog, where the new one is chosen at once. */
import { Button, Modal, SegmentedControl } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState, type ReactElement } from "react";
import { useChange } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import { CreateFolderDocument, type FolderItemFragment, type FolderUsage } from "../../gql/graphql.ts";
import { Notice } from "../../parts/notice.tsx";
import { useRefusedName } from "../../parts/refused-name.ts";
import { FolderFields } from "./folder-fields.tsx";
import { folderErrorPaths, quotaBytesOf, validateFolder, type FolderValues } from "./folder-form.ts";

type CreateFolderDialogProps = {
  readonly opened: boolean;
  readonly usage: FolderUsage;
  readonly onClose: () => void;
  readonly onCreated: (folder: FolderItemFragment) => void;
};
type Values = FolderValues & { usage: FolderUsage };

export function CreateFolderDialog(props: CreateFolderDialogProps): ReactElement {
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={<b>Create folder</b>} centered>
      {props.opened && <Content {...props} />}
    </Modal>
  );
}

function Content({ usage, onClose, onCreated }: CreateFolderDialogProps): ReactElement {
  const change = useChange();
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const form = useForm<Values>({
    initialValues: { name: "", usage, permission: "READ_WRITE", quotaGiB: "" },
    validate: validateFolder,
    validateInputOnBlur: true,
  });
  const refusedName = useRefusedName(form);

  const create = async ({ name, usage: chosen, permission, quotaGiB }: Values) => {
    setBusy(true);
    const input = { name: name.trim(), usage: chosen, permission, quotaBytes: quotaBytesOf(quotaGiB) };
    const outcome = await change(CreateFolderDocument, { input })
      .then((data) => outcomeOf(data.createFolder, "CreateFolderSuccess", Object.keys(folderErrorPaths)))
      .catch(unreachable);
    setBusy(false);
    if (outcome.ok) {
      onCreated(outcome.value.folder);
      return onClose();
    }
    setMessage(refusedName.show(outcome, folderErrorPaths));
  };

  return (
    <form
      className="stack"
      noValidate
      onSubmit={(event) => {
        // The dialog may stand inside the start dialog's form.
        event.stopPropagation();
        form.onSubmit((values) => void create(values))(event);
      }}
    >
      <Notice tone="red">{message}</Notice>
      <FolderFields
        name={refusedName.input}
        permission={form.getInputProps("permission")}
        quotaGiB={form.getInputProps("quotaGiB")}
        between={
          <div>
            <SegmentedControl
              fullWidth
              aria-label="Usage"
              data={[
                { value: "MODEL", label: "Model" },
                { value: "GENERAL", label: "General" },
              ]}
              {...form.getInputProps("usage")}
            />
            <p className="soft" style={{ marginTop: 8 }}>
              {form.values.usage === "MODEL"
                ? "Holds a model and its model-definition.yml. A service is started on it."
                : "Holds data of any kind. Services can mount it beside their model; none is started on it."}
            </p>
          </div>
        }
      />
      <div className="line" style={{ justifyContent: "flex-end" }}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={busy}>
          Create
        </Button>
      </div>
    </form>
  );
}
