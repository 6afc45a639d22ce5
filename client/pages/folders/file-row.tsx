/** One entry. It has no handlers: the list listens for all of its rows, so that a thousand of them scroll by cheaply. */
import { IconAlertTriangle, IconDots, IconFile, IconFileText, IconFolderFilled, IconLink, IconQuestionMark } from "@tabler/icons-react";
import { memo, type ReactElement } from "react";
import { inBytes } from "../../parts/bytes.ts";
import { FileName } from "../../parts/file-name.tsx";
import { Ago } from "../../parts/time.tsx";
import { plainly } from "../../parts/visible-name.ts";
import { editAddress } from "../edit/address.ts";
import { downloadAddress, folderAddress, isEditable, kindBehind } from "./address.ts";
import type { FileItem } from "./listing.ts";

type FileRowProps = {
  readonly file: FileItem;
  readonly folderId: string;
  readonly index: number;
  readonly id: string;
  readonly top: number;
  readonly chosen: boolean;
  readonly isAt: boolean;
};

export const FileRow = memo(function FileRow({ file, folderId, index, id, top, chosen, isAt }: FileRowProps): ReactElement {
  return (
    <div
      role="row"
      id={id}
      className="file"
      aria-rowindex={index + 2}
      aria-selected={chosen}
      data-index={index}
      data-at={isAt || undefined}
      style={{ transform: `translateY(${top}px)` }}
    >
      <span role="gridcell" className="choose">
        <input
          type="checkbox"
          tabIndex={-1}
          className="above"
          checked={chosen}
          readOnly
          data-part="choose"
          aria-label={`Choose ${plainly(file.name)}`}
        />
      </span>
      <span role="gridcell" className="name">
        <Sign file={file} />
        <Name file={file} folderId={folderId} />
        {file.warning !== null && (
          <span className="warned" data-tone="amber" title={file.warning}>
            <IconAlertTriangle size={14} aria-hidden />
            <span className="cut">{file.warning}</span>
          </span>
        )}
      </span>
      <span role="gridcell" className="amount" title={file.size === null ? undefined : `${file.size.toLocaleString("en")} bytes`}>
        {file.size === null ? "" : inBytes(file.size)}
      </span>
      <span role="gridcell" className="time soft">
        <Ago at={file.modifiedAt} />
      </span>
      <span role="gridcell" className="more">
        <button type="button" tabIndex={-1} className="dots above" data-part="menu" aria-label={`More for ${plainly(file.name)}`} title="More">
          <IconDots size={18} stroke={1.5} aria-hidden />
        </button>
      </span>
    </div>
  );
});

/** Directories and texts open by a click anywhere in their row; what can only be downloaded is not downloaded by accident. */
function Name({ file, folderId }: { readonly file: FileItem; readonly folderId: string }): ReactElement {
  const { name, path } = file;
  const kind = kindBehind(file);
  const title = `${plainly(name)}${file.kind === "LINK" ? `: a symbolic link${linkWords[kind] ?? ""}` : ""}`;
  const shown = { tabIndex: -1, title };
  if (kind === "DIRECTORY") {
    return (
      <a {...shown} href={folderAddress(folderId, path)} className="row-link cut" data-part="open">
        <FileName>{name}</FileName>
      </a>
    );
  }
  if (isEditable(file)) {
    return (
      <a {...shown} href={editAddress(folderId, path)} className="row-link cut" data-part="open">
        <FileName>{name}</FileName>
      </a>
    );
  }
  if (kind === "FILE") {
    return (
      <a {...shown} href={downloadAddress(folderId, path)} className="cut download above" download data-part="download">
        <FileName>{name}</FileName>
      </a>
    );
  }
  return (
    <span className="cut soft" title={title}>
      <FileName>{name}</FileName>
    </span>
  );
}

/** Where it leads; what leads nowhere has a warning in its row as well. */
const linkWords: Partial<Record<FileItem["kind"], string>> = {
  FILE: " to a file",
  DIRECTORY: " to a directory",
  LINK: ", which leads to no file or directory of this folder",
};

function Sign({ file }: { readonly file: FileItem }): ReactElement {
  const look = { size: 18, stroke: 1.5, "aria-hidden": true } as const;
  if (file.kind === "DIRECTORY") return <IconFolderFilled {...look} color="var(--ink-faint)" />;
  if (file.kind === "LINK") return <IconLink {...look} />;
  if (file.kind === "OTHER") return <IconQuestionMark {...look} />;
  return isEditable(file) ? <IconFileText {...look} /> : <IconFile {...look} />;
}
