/**
 * Uploads that began and did not end: after a reload, or of another browser. The bytes that arrived are kept for a day; whoever
 * chooses the same file again goes on from there.
 */
import { Button, Progress } from "@mantine/core";
import { useRef, useState, type ReactElement } from "react";
import { counted, inBytes } from "../../parts/bytes.ts";
import { Notice } from "../../parts/notice.tsx";
import { Until } from "../../parts/time.tsx";
import { addUploads, discardUpload } from "../../uploads/queue.ts";
import { continued } from "../../uploads/picked.ts";
import { whyNotTheSame } from "../../uploads/remembered.ts";
import { useOwnUploadIds } from "../../uploads/use-uploads.ts";
import { nameOf, parentOf } from "./address.ts";
import type { FolderHead } from "./explorer-page.tsx";

type UnfinishedUploadsProps = { readonly folder: FolderHead | undefined; readonly onChanged: () => Promise<void> };
type Unfinished = FolderHead["uploads"][number];

const shownMax = 5;

export function UnfinishedUploads({ folder, onChanged }: UnfinishedUploadsProps): ReactElement | null {
  const ownIds = useOwnUploadIds();
  const [all, setAll] = useState(false);
  const others = folder?.uploads.filter(({ id }) => !ownIds.has(id)) ?? [];
  if (folder === undefined || others.length === 0) return null;
  return (
    <section className="panel unfinished" aria-label="Unfinished uploads">
      <header>
        <h2>{counted(others.length, "unfinished upload")}</h2>
      </header>
      <ul>
        {others.slice(0, all ? undefined : shownMax).map((upload) => (
          <Row key={upload.id} folder={folder} upload={upload} onChanged={onChanged} />
        ))}
      </ul>
      {!all && others.length > shownMax && (
        <Button variant="subtle" color="gray" size="compact-sm" m={8} onClick={() => setAll(true)}>
          Show all
        </Button>
      )}
    </section>
  );
}

type RowProps = { readonly folder: FolderHead; readonly upload: Unfinished; readonly onChanged: () => Promise<void> };

function Row({ folder, upload, onChanged }: RowProps): ReactElement {
  const input = useRef<HTMLInputElement>(null);
  const [message, setMessage] = useState<string | null>(null);
  const [offset, setOffset] = useState({ was: upload.offset, is: upload.offset });
  if (offset.is !== upload.offset) setOffset({ was: offset.is, is: upload.offset });
  const name = nameOf(upload.path);

  const goOn = (file: File) => {
    const problem = whyNotTheSame(upload, file);
    setMessage(problem);
    if (problem === null) addUploads({ folderId: folder.id, folderName: folder.name, directory: parentOf(upload.path) }, continued(upload, file));
  };
  const discard = async () => {
    setMessage(await discardUpload(upload.id));
    await onChanged();
  };
  return (
    <li>
      <div className="what">
        <span style={{ overflowWrap: "anywhere" }}>{upload.path}</span>
        <span className="soft numeric">
          {inBytes(upload.offset)} of {inBytes(upload.size)} arrived
          {offset.is > offset.was ? ` · ${upload.createdBy.name} is sending it from another window` : ` · by ${upload.createdBy.name}`} · discarded{" "}
          <Until at={upload.expiresAt} />
        </span>
        <Progress
          value={(100 * upload.offset) / Math.max(1, upload.size)}
          size={4}
          color="var(--ink-soft)"
          aria-label={`Progress of ${upload.path}`}
        />
        <Notice tone="red">{message}</Notice>
      </div>
      <div className="line">
        <Button variant="default" size="compact-md" aria-label={`Choose ${name} again to go on`} onClick={() => input.current?.click()}>
          Choose the file again to go on
        </Button>
        <Button variant="subtle" color="gray" size="compact-md" aria-label={`Discard ${name}`} onClick={() => void discard()}>
          Discard
        </Button>
      </div>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={`${name} again`}
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? [];
          event.currentTarget.value = "";
          if (file !== undefined) goOn(file);
        }}
      />
    </li>
  );
}
