/** What a model folder lacks before a service can run on it, with the next step: to write it, or to rename what is there under nearly its name. */
import { Button } from "@mantine/core";
import { useState, type ReactElement } from "react";
import { Link } from "wouter";
import { useChange } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import { MoveFileDocument } from "../../gql/graphql.ts";
import { FileName } from "../../parts/file-name.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Words } from "../../parts/words.tsx";
import { plainly } from "../../parts/visible-name.ts";
import { editAddress } from "../edit/address.ts";
import type { FolderHead } from "./explorer-page.tsx";
import type { FileItem } from "./listing.ts";

type DefinitionCalloutProps = {
  readonly folder: FolderHead;
  /** What lies at the folder's top, as far as it was read. */
  readonly files: readonly FileItem[];
  readonly onChanged: () => void;
};

export function DefinitionCallout({ folder, files, onChanged }: DefinitionCalloutProps): ReactElement | null {
  const file = folder.definitionFile;
  if (file === null) {
    const alike = files.find((each) => meantName(each) !== null);
    return alike === undefined ? <Missing folderId={folder.id} /> : <Misnamed folderId={folder.id} file={alike} onChanged={onChanged} />;
  }
  if (file.warnings.length === 0) return null;
  return (
    <div className="notice callout" data-tone="amber">
      <span>
        {file.warnings.map(({ message }) => (
          <span key={message} style={{ display: "block" }}>
            <Words>{`${message}.`}</Words>
          </span>
        ))}
      </span>
      <Button component={Link} href={editAddress(folder.id, file.path)} variant="default" size="compact-md">
        Edit {file.path}
      </Button>
    </div>
  );
}

const Missing = ({ folderId }: { readonly folderId: string }): ReactElement => (
  <div className="notice callout" data-tone="blue">
    <span>
      This folder has no <code>model-definition.yml</code> yet: it says how the model is started. Without it only environments that have a command of
      their own can serve the folder.
    </span>
    <Button component={Link} href={editAddress(folderId, "model-definition.yml")} variant="default" size="compact-md">
      Write model-definition.yml
    </Button>
  </div>
);

type MisnamedProps = { readonly folderId: string; readonly file: FileItem; readonly onChanged: () => void };

function Misnamed({ folderId, file, onChanged }: MisnamedProps): ReactElement {
  const change = useChange();
  const [message, setMessage] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const right = meantName(file) ?? "model-definition.yml";
  const rename = async () => {
    setBusy(true);
    const outcome = await change(MoveFileDocument, { input: { folderId, from: file.path, to: right } })
      .then((data) => outcomeOf(data.moveFile, "MoveFileSuccess"))
      .catch(unreachable);
    setBusy(false);
    setMessage(outcome.ok ? null : outcome.message);
    onChanged();
  };
  return (
    <>
      <Notice tone="red">{message}</Notice>
      <div className="notice callout" data-tone="amber">
        <span>
          <code>
            <FileName>{file.name}</FileName>
          </code>{" "}
          is not read as the model definition, and without one only environments that have a command of their own can serve the folder.
        </span>
        <Button variant="default" size="compact-md" loading={isBusy} title={`Rename ${plainly(file.name)} to ${right}`} onClick={() => void rename()}>
          Rename it to {right}
        </Button>
      </div>
    </>
  );
}

/** The warning of a file whose name is nearly right says what the name must be. */
const meantName = ({ warning }: FileItem): string | null =>
  /^This is not read as the model definition.* (model-definition\.ya?ml)\.$/.exec(warning ?? "")?.[1] ?? null;
