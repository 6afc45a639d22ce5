/** Gives a name: to a new directory, to a new file, which the editor then opens, or another one to what is there. */
import { Button, Modal, TextInput } from "@mantine/core";
import { useState, type ReactElement } from "react";
import { useLocation } from "wouter";
import { useChange } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import { CreateDirectoryDocument, MoveFileDocument } from "../../gql/graphql.ts";
import { FileName } from "../../parts/file-name.tsx";
import { hasLineBreak } from "../../parts/visible-name.ts";
import { editAddress } from "../edit/address.ts";
import { joined, kindBehind } from "./address.ts";
import type { FileItem } from "./listing.ts";

type FileNameDialogProps = {
  readonly opened: boolean;
  /** What gets another name; null: something is made. */
  readonly file: FileItem | null;
  readonly makes: "directory" | "file";
  readonly folderId: string;
  readonly directory: string;
  readonly onClose: () => void;
  readonly onChanged: (now: string) => void;
};

export function FileNameDialog(props: FileNameDialogProps): ReactElement {
  const { opened, file, makes, onClose } = props;
  const title = file === null ? `New ${makes}` : ["Rename ", <FileName key="name">{file.name}</FileName>];
  return (
    <Modal opened={opened} onClose={onClose} title={<b>{title}</b>} centered>
      {opened && <Content key={file?.name ?? ""} {...props} />}
    </Modal>
  );
}

function Content({ file, makes, folderId, directory, onClose, onChanged }: FileNameDialogProps): ReactElement {
  const change = useChange();
  const [, navigate] = useLocation();
  const [name, setName] = useState(file?.name ?? "");
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const wrong = problemOf(name);

  const save = async () => {
    if (wrong !== null) return setMessage(wrong);
    if (name === file?.name) return onClose();
    const path = joined(directory, name);
    if (file === null && makes === "file") {
      onClose();
      return navigate(editAddress(folderId, path));
    }
    setBusy(true);
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
        description={
          hasLineBreak(name)
            ? "It has a line break, which cannot be typed here: left as it is the name stays, and once you type it is without."
            : undefined
        }
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
  return file !== null && kindBehind(file) === "FILE" && dot > 0 ? dot : name.length;
}

function problemOf(name: string): string | null {
  if (name === "") return "Give it a name.";
  if (name.includes("/")) return "A name has no /; to put it elsewhere, move it.";
  if (name === "." || name === "..") return "This name means another directory.";
  return new TextEncoder().encode(name).length > 255 ? "At most 255 bytes, which are fewer letters where they are not English." : null;
}
