/** Adds a registry, or changes with whom its images are pulled. The host of one that is there stays: another is another registry. */
import { Button, Modal, PasswordInput, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useState, type ReactElement } from "react";
import { useChange } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import { CreateImageRegistryDocument, ModifyImageRegistryDocument, type ImageRegistryItemFragment } from "../../gql/graphql.ts";
import { Notice } from "../../parts/notice.tsx";

type RegistryDialogProps = {
  readonly title: string;
  readonly opened: boolean;
  /** Null: a new one. */
  readonly registry: ImageRegistryItemFragment | null;
  readonly onClose: () => void;
  readonly onChanged: () => void;
};

export function RegistryDialog(props: RegistryDialogProps): ReactElement {
  const { title, opened, registry, onClose } = props;
  return (
    <Modal opened={opened} onClose={onClose} title={<b>{title}</b>} centered>
      {opened && <Content key={registry?.id} {...props} />}
    </Modal>
  );
}

type Values = { readonly host: string; readonly username: string; readonly password: string };
const fields = ["host", "username", "password"];

function Content({ registry, onClose, onChanged }: RegistryDialogProps): ReactElement {
  const change = useChange();
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const form = useForm<Values>({
    initialValues: { host: registry?.host ?? "", username: registry?.username ?? "", password: "" },
    validate: {
      host: (host) => (host.trim() === "" ? "The registry’s host, as image names begin." : null),
      username: (name) => (name === "" ? "The name to sign in with." : null),
      password: (password) => (password === "" && registry === null ? "The password, or a token in its place." : null),
    },
    validateInputOnBlur: true,
  });

  const send = ({ host, username, password }: Values) =>
    registry === null
      ? change(CreateImageRegistryDocument, { input: { host: host.trim(), username, password } }).then((data) =>
          outcomeOf(data.createImageRegistry, "CreateImageRegistrySuccess", fields),
        )
      : change(ModifyImageRegistryDocument, { input: { id: registry.id, username, password: password === "" ? null : password } }).then((data) =>
          outcomeOf(data.modifyImageRegistry, "ModifyImageRegistrySuccess", fields),
        );

  const save = async (values: Values) => {
    setBusy(true);
    const outcome = await send(values).catch(unreachable);
    setBusy(false);
    if (!outcome.ok) {
      setMessage(outcome.message);
      return form.setErrors(outcome.fields);
    }
    notifications.show({ message: `${values.host.trim()} was saved. It counts from the next start of each session on.` });
    onChanged();
    onClose();
  };

  return (
    <form className="stack" noValidate onSubmit={form.onSubmit((values) => void save(values))}>
      <Notice tone="red">{message}</Notice>
      <TextInput
        label="Host"
        description={
          registry === null ? (
            <>
              As image names begin, with the port where there is one; <code>docker.io</code> for names that begin with none
            </>
          ) : (
            "Another host is another registry"
          )
        }
        placeholder="registry.example.com"
        autoComplete="off"
        spellCheck={false}
        readOnly={registry !== null}
        {...(registry === null ? { "data-autofocus": true } : {})}
        {...form.getInputProps("host")}
      />
      <TextInput label="User name" autoComplete="off" spellCheck={false} {...form.getInputProps("username")} />
      <PasswordInput
        label="Password"
        description={registry === null ? "Or a token. Kept encrypted, and never shown again" : "Empty: it stays as it is"}
        autoComplete="new-password"
        {...(registry === null ? {} : { "data-autofocus": true })}
        {...form.getInputProps("password")}
      />
      <div className="line" style={{ justifyContent: "flex-end" }}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={busy}>
          {registry === null ? "Add registry" : "Save"}
        </Button>
      </div>
    </form>
  );
}
