/** Above the list: where one is and what can be put there; while something is chosen, what can be done with that. */
import { Button, TextInput } from "@mantine/core";
import { IconFilePlus, IconFolderPlus, IconSearch } from "@tabler/icons-react";
import type { ReactElement, RefObject } from "react";
import { Link } from "wouter";
import { counted, inBytes } from "../../parts/bytes.ts";
import { FileName } from "../../parts/file-name.tsx";
import type { UploadTarget } from "../../uploads/job.ts";
import { folderAddress, kindBehind } from "./address.ts";
import type { FileDialog } from "./file-dialogs.tsx";
import type { FileItem } from "./listing.ts";
import { UploadButton } from "./upload-button.tsx";

type ExplorerBarProps = {
  readonly target: UploadTarget;
  readonly filterRef: RefObject<HTMLInputElement | null>;
  readonly nameContains: string;
  readonly onFilter: (typed: string) => void;
  readonly chosen: readonly FileItem[];
  readonly onChoose: (files: readonly FileItem[]) => void;
  readonly onDialog: (dialog: FileDialog) => void;
  readonly onDownload: (files: readonly FileItem[]) => void;
};

/** Browsers ask before a page downloads many files at once, and after some they forget the rest. */
const downloadsMax = 10;

export function ExplorerBar(props: ExplorerBarProps): ReactElement {
  const { target, filterRef, nameContains, onFilter, chosen, onDialog } = props;
  if (chosen.length > 0) return <Chosen {...props} />;
  return (
    <div className="explorer-bar">
      <PathCrumbs {...target} />
      <TextInput
        ref={filterRef}
        aria-label="Filter by name"
        placeholder="Filter by name"
        leftSection={<IconSearch size={16} />}
        value={nameContains}
        onChange={(event) => onFilter(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") onFilter("");
        }}
        w={180}
      />
      <Button variant="default" leftSection={<IconFilePlus size={16} stroke={1.5} />} onClick={() => onDialog({ kind: "file" })}>
        New file
      </Button>
      <Button variant="default" leftSection={<IconFolderPlus size={16} stroke={1.5} />} onClick={() => onDialog({ kind: "directory" })}>
        New directory
      </Button>
      <UploadButton target={target} />
    </div>
  );
}

function Chosen({ chosen, onChoose, onDialog, onDownload }: ExplorerBarProps): ReactElement {
  const [only] = chosen;
  const bytes = chosen.reduce((sum, { size }) => sum + (size ?? 0), 0);
  const directories = chosen.filter(({ kind }) => kind === "DIRECTORY").length;
  const loadable = chosen.filter((file) => kindBehind(file) === "FILE" || kindBehind(file) === "DIRECTORY");
  const tooMany = loadable.length > downloadsMax;
  return (
    <div className="explorer-bar" role="toolbar" aria-label="Chosen files">
      <span className="chosen numeric" role="status">
        {counted(chosen.length, "entry", "entries")} chosen
        {directories < chosen.length && <span className="soft"> · {inBytes(bytes)}</span>}
      </span>
      <Button
        variant="default"
        disabled={tooMany || loadable.length === 0}
        title={tooMany ? `At most ${downloadsMax} at once: download the directory that holds them instead` : undefined}
        onClick={() => onDownload(loadable)}
      >
        Download
      </Button>
      {chosen.length === 1 && only !== undefined && (
        <Button variant="default" onClick={() => onDialog({ kind: "rename", file: only })}>
          Rename
        </Button>
      )}
      <Button variant="default" onClick={() => onDialog({ kind: "move", files: chosen })}>
        Move
      </Button>
      <Button variant="default" onClick={() => onDialog({ kind: "delete", files: chosen })}>
        Delete
      </Button>
      <Button variant="subtle" color="gray" onClick={() => onChoose([])}>
        Clear
      </Button>
    </div>
  );
}

function PathCrumbs({ folderId, folderName, directory }: UploadTarget): ReactElement {
  const names = directory === "" ? [] : directory.split("/");
  return (
    <nav className="path" aria-label="Path">
      <ol>
        <li>
          {names.length === 0 ? (
            <span aria-current="page" className="soft">
              All files
            </span>
          ) : (
            <Link href={folderAddress(folderId)}>{folderName === "" ? "All files" : folderName}</Link>
          )}
        </li>
        {names.map((name, index) => {
          const path = names.slice(0, index + 1).join("/");
          return (
            <li key={path}>
              {index === names.length - 1 ? (
                <span aria-current="page">
                  <FileName>{name}</FileName>
                </span>
              ) : (
                <Link href={folderAddress(folderId, path)}>
                  <FileName>{name}</FileName>
                </Link>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
