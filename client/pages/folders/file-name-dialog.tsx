/** Gives a name: to a new directory, or another one to what is there. */
import { Button, Modal, TextInput } from "@mantine/core";
import { useState, type ReactElement } from "react";
import { useChange } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import { CreateDirectoryDocument, MoveFileDocument } from "../../gql/graphql.ts";
import { joined } from "./address.ts";
import type { FileItem } from "./listing.ts";

type FileNameDialogProps = {
  readonly opened: boolean;
  /** What gets another name; null: a directory is made. */
  readonly file: FileItem | null;
  readonly folderId: string;
  readonly directory: string;
  readonly onClose: () => void;
  readonly onChanged: (now: string) => void;
};

export function FileNameDialog(props: FileNameDialogProps): ReactElement {
  const { opened, file, onClose } = props;
  return (
    <Modal opened={opened} onClose={onClose} title={<b>{file === null ? "New directory" : `Rename ${file.name}`}</b>} centered>
      {opened && <Content key={file?.name ?? ""} {...props} />}
    </Modal>
  );
}

function Content({ file, folderId, directory, onClose, onChanged }: FileNameDialogProps): ReactElement {
  const change = useChange();
  const [name, setName] = useState(file?.name ?? "");
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const wrong = problemOf(name);

  const save = async () => {
    if (wrong !== null) return setMessage(wrong);
    if (name === file?.name) return onClose();
    setBusy(true);
    const path = joined(directory, name);
    const outcome = await (
      file === null
        ? change(CreateDirectoryDocument, { input: { folderId, path } }).then((data) => outcomeOf(data.createDirectory, "CreateDirectorySuccess"))
        : change(MoveFileDocument, { input: { folderId, from: file.path, to: path } }).then((data) => outcomeOf(data.moveFile, "MoveFileSuccess"))
    ).catch(unreachable);
    setBusy(false);
    if (!outcome.ok) return setMessage(outcome.message);
    onChanged(name);
    onClose();
  };

  return (
    <form
      className="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <TextInput
        label="Name"
        value={name}
        error={message}
        onChange={(event) => {
          setName(event.currentTarget.value);
          setMessage(null);
        }}
        onBlur={() => name !== "" && setMessage((before) => before ?? wrong)}
        // The ending mostly stays.
        onFocus={(event) => event.currentTarget.setSelectionRange(0, stemLength(event.currentTarget.value, file))}
        autoComplete="off"
        spellCheck={false}
        data-autofocus
      />
      <div className="line" style={{ justifyContent: "flex-end" }}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={busy}>
          {file === null ? "Create" : "Rename"}
        </Button>
      </div>
    </form>
  );
}

function stemLength(name: string, file: FileItem | null): number {
  const dot = name.lastIndexOf(".");
  return file?.kind === "FILE" && dot > 0 ? dot : name.length;
}

function problemOf(name: string): string | null {
  if (name === "") return "Give it a name.";
  if (name.includes("/")) return "A name has no /; to put it elsewhere, move it.";
  if (name === "." || name === "..") return "This name means another directory.";
  return new TextEncoder().encode(name).length > 255 ? "At most 255 bytes, which are fewer letters where they are not English." : null;
}
