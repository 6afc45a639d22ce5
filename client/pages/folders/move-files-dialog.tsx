/** Walks through the directories of the folder to where the chosen entries go. Whatever has the same name there is not replaced unasked. */
import { Button, Checkbox, Modal } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconArrowUp, IconFolderFilled } from "@tabler/icons-react";
import { useCallback, useState, type ReactElement } from "react";
import { useFresh } from "../../connection/fresh.ts";
import { useChange, useQuestion, type Ask } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import { FilePageDocument, MoveFileDocument } from "../../gql/graphql.ts";
import { counted } from "../../parts/bytes.ts";
import { Notice } from "../../parts/notice.tsx";
import { plainly } from "../../parts/visible-name.ts";
import { joined, nameOf, parentOf } from "./address.ts";
import type { FileItem } from "./listing.ts";

type MoveFilesDialogProps = {
  readonly files: readonly FileItem[] | null;
  readonly folderId: string;
  readonly directory: string;
  readonly onClose: () => void;
  readonly onChanged: () => void;
};

export function MoveFilesDialog(props: MoveFilesDialogProps): ReactElement {
  const { files, onClose } = props;
  return (
    <Modal opened={files !== null} onClose={onClose} title={<b>Move {files === null ? "" : subjectOf(files)}</b>} centered>
      {files !== null && <Content {...props} files={files} />}
    </Modal>
  );
}

function Content({ files, folderId, directory, onClose, onChanged }: MoveFilesDialogProps & { readonly files: readonly FileItem[] }): ReactElement {
  const ask = useQuestion();
  const change = useChange();
  const [place, setPlace] = useState(directory);
  const [overwrite, setOverwrite] = useState(false);
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const readPlace = useCallback(() => directoriesIn(ask, folderId, place), [ask, folderId, place]);
  const { value: directories, problem } = useFresh(`directories ${folderId} ${place}`, readPlace, 10_000);
  // A directory is not moved into itself.
  const open = directories?.filter((path) => !files.some((file) => file.path === path));

  const move = async () => {
    setBusy(true);
    let moved = 0;
    for (const { path, name } of files) {
      const outcome = await change(MoveFileDocument, { input: { folderId, from: path, to: joined(place, name), overwrite } })
        .then((data) => outcomeOf(data.moveFile, "MoveFileSuccess"))
        .catch(unreachable);
      if (!outcome.ok) {
        setBusy(false);
        if (moved > 0) onChanged();
        return setMessage(moved === 0 ? outcome.message : `${counted(moved, "entry", "entries")} moved, then: ${outcome.message ?? ""}`);
      }
      moved += 1;
    }
    notifications.show({ message: `${subjectOf(files)} moved to ${place === "" ? "the top of the folder" : place}.` });
    onChanged();
    onClose();
  };

  return (
    <div className="stack" style={{ "--gap": "12px" }}>
      <Notice tone="red">{message ?? (problem === undefined ? null : unreachable(problem).message)}</Notice>
      <p>
        To <b style={{ overflowWrap: "anywhere" }}>{place === "" ? "the top of the folder" : place}</b>
      </p>
      <div className="picker" role="group" aria-label="Directories">
        {place !== "" && (
          <button type="button" onClick={() => setPlace(parentOf(place))}>
            <IconArrowUp size={18} stroke={1.5} aria-hidden /> Up to {parentOf(place) === "" ? "the top of the folder" : nameOf(parentOf(place))}
          </button>
        )}
        {open?.map((path) => (
          <button key={path} type="button" onClick={() => setPlace(path)}>
            <IconFolderFilled size={18} color="var(--ink-faint)" aria-hidden /> {nameOf(path)}
          </button>
        ))}
        {open?.length === 0 && <p className="soft">No directories in here.</p>}
      </div>
      <Checkbox label="Replace files of the same name" checked={overwrite} onChange={(event) => setOverwrite(event.currentTarget.checked)} />
      <div className="line" style={{ justifyContent: "flex-end" }}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button loading={busy} disabled={place === directory} onClick={() => void move()}>
          Move here
        </Button>
      </div>
    </div>
  );
}

const subjectOf = (files: readonly FileItem[]): string =>
  files.length === 1 ? plainly(files[0]?.name ?? "") : counted(files.length, "entry", "entries");

/** Directories come first in every order, so reading ends with the first entry that is none. */
async function directoriesIn(ask: Ask, id: string, path: string): Promise<readonly string[]> {
  const found: string[] = [];
  let after: string | null = null;
  for (;;) {
    const page: Awaited<ReturnType<typeof read>> = await read(ask, id, path, after);
    if (page === undefined) return found;
    const directories = page.edges.filter(({ node }) => node.kind === "DIRECTORY");
    found.push(...directories.map(({ node }) => node.path));
    if (directories.length < page.edges.length || !page.pageInfo.hasNextPage) return found;
    after = page.pageInfo.endCursor;
  }
}

const read = async (ask: Ask, id: string, path: string, after: string | null) =>
  (await ask(FilePageDocument, { id, path, first: 200, after, order: "NAME_ASC", nameContains: null })).folder?.files;
