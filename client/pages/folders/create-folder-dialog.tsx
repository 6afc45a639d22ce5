/** Makes a folder. Used on its page and from the start dialog, where the new one is chosen at once. */
import { Button, Modal, SegmentedControl, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState, type ReactElement } from "react";
import { useChange } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import { CreateFolderDocument, type FolderItemFragment, type FolderUsage } from "../../gql/graphql.ts";
import { Notice } from "../../parts/notice.tsx";

type CreateFolderDialogProps = {
  readonly opened: boolean;
  readonly usage: FolderUsage;
  readonly onClose: () => void;
  readonly onCreated: (folder: FolderItemFragment) => void;
};

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
  const form = useForm({
    initialValues: { name: "", usage },
    validate: { name: (name) => (name.trim() === "" ? "Give the folder a name." : null) },
    validateInputOnBlur: true,
  });

  const create = async (values: { name: string; usage: FolderUsage }) => {
    setBusy(true);
    const outcome = await change(CreateFolderDocument, { input: { ...values, name: values.name.trim() } })
      .then((data) => outcomeOf(data.createFolder, "CreateFolderSuccess", ["name", "usage"]))
      .catch(unreachable);
    setBusy(false);
    if (outcome.ok) {
      onCreated(outcome.value.folder);
      return onClose();
    }
    setMessage(outcome.message);
    form.setErrors(outcome.fields);
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
      <TextInput label="Folder name" autoComplete="off" spellCheck={false} data-autofocus {...form.getInputProps("name")} />
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
            : "Holds data of any kind. No service can be started on it."}
        </p>
      </div>
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
