/**
 * A text file of a folder, to be read and changed. Whatever was typed survives a reload, and nobody's text replaces another's unseen.
 * For the model definition there is more: what is wrong stands at its line, and a panel says what the text means.
 */
import "./edit.css";
import { Button } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactElement } from "react";
import { Link, Redirect, useSearchParams } from "wouter";
import { usePathname } from "wouter/use-browser-location";
import { Blank } from "../../parts/blank.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Waiting } from "../../parts/waiting.tsx";
import { downloadAddress, kindBehind } from "../folders/address.ts";
import { editAddress, isDefinitionPath, pathInAddress } from "./address.ts";
import { TextEditor } from "./text-editor.tsx";
import { useEditedFile } from "./use-edited-file.ts";

export default function EditPage({ folderId }: { readonly folderId: string }): ReactElement {
  const path = pathInAddress(usePathname());
  const [search] = useSearchParams();
  useDocumentTitle(`${path ?? "File"} · Serai`);
  if (path === null) return <NoFile text="The address names no file." />;
  const line = Number(search.get("line"));
  return <File key={`${folderId} ${path}`} folderId={folderId} path={path} line={Number.isInteger(line) && line > 0 ? line : null} />;
}

type FileProps = { readonly folderId: string; readonly path: string; readonly line: number | null };

function File({ folderId, path, line }: FileProps): ReactElement {
  const file = useEditedFile(folderId, path);
  const { opened } = file;
  switch (opened.kind) {
    case "loading":
      return <Waiting rows={6} />;
    case "failed":
      return <Notice tone="red">{opened.message}</Notice>;
    case "no folder":
      return <NoFile text="There is no such folder. It may be in the trash, or the address was mistyped." />;
    case "no text":
      return <NoText folderId={folderId} path={path} folder={opened.folder} />;
    case "text": {
      // Whoever came by a definition's usual name is brought to the one that is there.
      const present = opened.folder.definitionFile?.path;
      if (present !== undefined && present !== path && opened.restoredFrom === null && file.base.etag === null && isDefinitionPath(path)) {
        return <Redirect to={editAddress(folderId, present, line)} replace />;
      }
      return <TextEditor file={file} opened={opened} path={path} line={line} />;
    }
  }
}

const NoFile = ({ text }: { readonly text: string }): ReactElement => (
  <div className="panel">
    <Blank title="There is nothing to edit" text={text}>
      <Link href="/folders">Data & Folders</Link>
    </Blank>
  </div>
);

type NoTextProps = {
  readonly folderId: string;
  readonly path: string;
  readonly folder: { readonly name: string; readonly file: Parameters<typeof kindBehind>[0] | null };
};

function NoText({ folderId, path, folder }: NoTextProps): ReactElement {
  const isFile = folder.file !== null && kindBehind(folder.file) === "FILE";
  return (
    <div className="panel">
      <Blank
        title={isFile ? "This file cannot be edited here" : "This is no file"}
        text={
          isFile
            ? `${path} in ${folder.name} is no text in UTF-8, or it is larger than 1 MiB. Download it, change it with a program made for it, and upload it again.`
            : `${path} in ${folder.name} is not a plain file.`
        }
      >
        {isFile && (
          <Button component="a" href={downloadAddress(folderId, path)} download>
            Download
          </Button>
        )}
        <Link href={`/folders/${folderId}`}>The folder {folder.name}</Link>
      </Blank>
    </div>
  );
}
