/**
 * One folder from the inside. The address says everything about what is shown (folder, directory, filter, order), so that it
 * can be shared, reloaded and gone back to; what is chosen in the list belongs to the directory and ends with it.
 */
import "./explorer.css";
import { useDocumentTitle } from "@mantine/hooks";
import { useCallback, useEffect, useEffectEvent, useRef, useState, type ReactElement } from "react";
import { useLocation, useSearchParams } from "wouter";
import { usePathname } from "wouter/use-browser-location";
import { useFresh } from "../../connection/fresh.ts";
import { isUnreachable, useQuestion } from "../../connection/operations.ts";
import { unreachable } from "../../connection/outcome.ts";
import { FolderHeadDocument, type FolderHeadQuery } from "../../gql/graphql.ts";
import { Blank } from "../../parts/blank.tsx";
import { NotLive } from "../../parts/not-live.tsx";
import { Notice } from "../../parts/notice.tsx";
import { plainly } from "../../parts/visible-name.ts";
import { useFinishedUploads } from "../../uploads/use-uploads.ts";
import { editAddress } from "../edit/address.ts";
import { downloadAddress, folderAddress, isEditable, kindBehind, nameOf, parentOf, pathOfAddress } from "./address.ts";
import { DropArea } from "./drop-area.tsx";
import { EmptyDirectory } from "./empty-directory.tsx";
import { ExplorerBar } from "./explorer-bar.tsx";
import { ExplorerHead } from "./explorer-head.tsx";
import { FileDialogs, type FileDialog } from "./file-dialogs.tsx";
import { FileList, type FileAction } from "./file-list.tsx";
import { FileMenu, type MenuPlace } from "./file-menu.tsx";
import { orderOf, readFileSort, writeFileSort } from "./files-head.tsx";
import type { FileItem } from "./listing.ts";
import { meant, nothingChosen, withoutGone, type Selection } from "./selection.ts";
import { UnfinishedUploads } from "./unfinished-uploads.tsx";
import { useListing } from "./use-listing.ts";

const headEveryMs = 5_000;
const reloadAfterUploadsMs = 1_000;

export default function ExplorerPage({ folderId }: { readonly folderId: string }): ReactElement {
  const path = pathOfAddress(usePathname());
  const ask = useQuestion();
  const read = useCallback(async () => (await ask(FolderHeadDocument, { id: folderId })).folder, [ask, folderId]);
  const head = useFresh(`folder ${folderId}`, read, headEveryMs);
  const folder = head.value;
  useDocumentTitle(`${path === "" ? (folder?.name ?? "Folder") : plainly(nameOf(path))} · Serai`);
  if (folder === null || (folder !== undefined && folder.trashedAt !== null)) {
    return (
      <Blank
        title={folder === null ? "There is no such folder" : `${folder.name} is in the trash`}
        text={folder === null ? "It may have been deleted for good, or the address was mistyped." : "Restore it to see its files again."}
      >
        <a href={folder === null ? "/folders" : "/folders?tab=trash"}>{folder === null ? "All folders" : "Open the trash"}</a>
      </Blank>
    );
  }
  return <Explorer key={folderId} folderId={folderId} path={path} folder={folder} problem={head.problem} onChanged={head.again} />;
}

export type FolderHead = NonNullable<FolderHeadQuery["folder"]>;
type ExplorerProps = {
  readonly folderId: string;
  readonly path: string;
  readonly folder: FolderHead | undefined;
  readonly problem: unknown;
  readonly onChanged: () => Promise<void>;
};

function Explorer({ folderId, path, folder, problem, onChanged }: ExplorerProps): ReactElement {
  const [, navigate] = useLocation();
  const [search, setSearch] = useSearchParams();
  const sort = readFileSort(search);
  const nameContains = search.get("name") ?? "";
  const { listing, entries, onVisible, reload: readAgain } = useListing({ folderId, path, order: orderOf(sort), nameContains });
  const [selection, select] = useSelection(path, entries);
  const [dialog, setDialog] = useState<FileDialog | null>(null);
  const [menu, setMenu] = useState<MenuPlace | null>(null);
  const filter = useRef<HTMLInputElement>(null);

  const reload = useCallback(() => void Promise.all([readAgain(), onChanged()]), [readAgain, onChanged]);
  useReloadAfterUploads(folderId, reload);

  const setParameter = (name: string, value: string | null) => {
    const next = new URLSearchParams(search);
    if (value === null || value === "") next.delete(name);
    else next.set(name, value);
    setSearch(next, { replace: true });
  };
  const open = (file: FileItem) => {
    if (kindBehind(file) === "DIRECTORY") navigate(folderAddress(folderId, file.path));
    else if (isEditable(file)) navigate(editAddress(folderId, file.path));
    else if (kindBehind(file) === "FILE") download(folderId, [file]);
  };
  const act = (action: FileAction, file: FileItem | null) => {
    if (action === "up") return path === "" ? undefined : navigate(folderAddress(folderId, parentOf(path)));
    if (action === "filter") return filter.current?.focus();
    if (file === null) return;
    if (action === "open") open(file);
    if (action === "rename") setDialog({ kind: "rename", file });
    if (action === "delete") setDialog({ kind: "delete", files: meant(selection, entries.files) });
  };
  const target = { folderId, folderName: folder?.name ?? "", directory: path };
  const gone = entries.problem !== undefined && !isUnreachable(entries.problem);

  return (
    <DropArea target={target}>
      <ExplorerHead folderId={folderId} folder={folder} path={path} files={entries.files} onChanged={onChanged} onFilesChanged={reload} />
      <NotLive problem={problem === undefined ? null : unreachable(problem).message} />
      <UnfinishedUploads folder={folder} onChanged={onChanged} />
      <ExplorerBar
        target={target}
        filterRef={filter}
        nameContains={nameContains}
        onFilter={(typed) => setParameter("name", typed)}
        chosen={[...selection.chosen.values()]}
        onChoose={(files) => select((before) => ({ ...before, chosen: new Map(files.map((file) => [file.name, file])) }))}
        onDialog={setDialog}
        onDownload={(files) => download(folderId, files)}
      />
      {gone ? (
        <Notice tone="red">{unreachable(entries.problem).message}</Notice>
      ) : entries.known && entries.total === 0 ? (
        <EmptyDirectory path={path} nameContains={nameContains} onShowAll={() => setParameter("name", null)} />
      ) : (
        <FileList
          folderId={folderId}
          label={`Files in ${path === "" ? (folder?.name ?? "the folder") : plainly(path)}`}
          listing={listing}
          entries={entries}
          sort={sort}
          onSort={(next) => setParameter("sort", writeFileSort(next))}
          selection={selection}
          onSelection={select}
          onVisible={onVisible}
          onAction={act}
          onMenu={(file, x, y) => setMenu({ file, x, y })}
        />
      )}
      <FileMenu
        place={menu}
        folderId={folderId}
        onClose={() => setMenu(null)}
        onOpen={open}
        onDialog={setDialog}
        onDownload={(file) => download(folderId, [file])}
      />
      <FileDialogs
        dialog={dialog}
        folderId={folderId}
        directory={path}
        services={folder?.usedBy.map(({ name }) => name) ?? []}
        onClose={() => setDialog(null)}
        onChanged={(now) => {
          select((before) => ({ chosen: new Map(), anchor: null, at: now === undefined ? before.at : { name: now, index: before.at?.index ?? 0 } }));
          reload();
        }}
      />
    </DropArea>
  );
}

/** Ends with the directory; going up, the keyboard is on the directory that one came from. */
function useSelection(path: string, entries: { readonly files: readonly FileItem[]; readonly isComplete: boolean }) {
  const [held, setHeld] = useState<{ readonly path: string; readonly selection: Selection }>({ path, selection: nothingChosen });
  if (held.path !== path) {
    const cameFrom = parentOf(held.path) === path && held.path !== "" ? nameOf(held.path) : null;
    setHeld({ path, selection: { ...nothingChosen, at: cameFrom === null ? null : { name: cameFrom, index: 0 } } });
  }
  const selection = entries.isComplete ? withoutGone(held.selection, entries.files) : held.selection;
  const change = useCallback((next: (before: Selection) => Selection) => setHeld((before) => ({ ...before, selection: next(before.selection) })), []);
  return [selection, change] as const;
}

/** Files that arrived show up soon, not each by itself. */
function useReloadAfterUploads(folderId: string, reload: () => void): void {
  const count = useFinishedUploads(folderId);
  const seen = useRef(count);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const show = useEffectEvent(() => {
    timer.current = undefined;
    seen.current = count;
    reload();
  });
  useEffect(() => {
    if (seen.current !== count) timer.current ??= setTimeout(() => show(), reloadAfterUploadsMs);
  }, [count]);
  useEffect(() => () => clearTimeout(timer.current), []);
}

/** By links that name no page, so that the browser's own list of downloads has them, with progress and resuming. */
function download(folderId: string, files: readonly FileItem[]): void {
  for (const file of files) {
    const { path } = file;
    const isDirectory = kindBehind(file) === "DIRECTORY";
    const link = document.createElement("a");
    link.href = downloadAddress(folderId, path, isDirectory ? "zip" : undefined);
    link.download = isDirectory ? `${nameOf(path)}.zip` : nameOf(path);
    link.click();
  }
}
