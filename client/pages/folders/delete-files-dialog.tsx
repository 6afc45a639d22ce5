/** Files have no trash: it says what goes, and who may miss it. */
import { notifications } from "@mantine/notifications";
import type { ReactElement } from "react";
import { useChange } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import { DeleteFilesDocument } from "../../gql/graphql.ts";
import { counted, inBytes } from "../../parts/bytes.ts";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";
import { listed } from "../../parts/listed.ts";
import { plainly } from "../../parts/visible-name.ts";
import type { FileItem } from "./listing.ts";

type DeleteFilesDialogProps = {
  readonly files: readonly FileItem[] | null;
  readonly folderId: string;
  readonly services: readonly string[];
  readonly onClose: () => void;
  readonly onChanged: () => void;
};

/** So many paths go into one question to the server. */
const atOnceMax = 500;

export function DeleteFilesDialog({ files, folderId, services, onClose, onChanged }: DeleteFilesDialogProps): ReactElement {
  const change = useChange();
  const remove = async () => {
    const paths = files?.map(({ path }) => path) ?? [];
    for (let from = 0; from < paths.length; from += atOnceMax) {
      const outcome = await change(DeleteFilesDocument, { input: { folderId, paths: paths.slice(from, from + atOnceMax) } })
        .then((data) => outcomeOf(data.deleteFiles, "DeleteFilesSuccess"))
        .catch(unreachable);
      if (!outcome.ok) {
        onChanged();
        return outcome;
      }
    }
    notifications.show({ message: `${subjectOf(files ?? [])} deleted.` });
    onChanged();
    return { ok: true } as const;
  };
  return (
    <ConfirmDialog opened={files !== null} title="Delete files" verb="Delete" onConfirm={remove} onClose={onClose}>
      <b style={{ overflowWrap: "anywhere" }}>{subjectOf(files ?? [])}</b> {(files?.length ?? 0) === 1 ? "is" : "are"} deleted
      {bytesOf(files ?? [])}. This cannot be undone.
      {services.length > 0 &&
        ` ${listed(services)} ${services.length === 1 ? "uses" : "use"} this folder and may fail without ${files?.length === 1 ? "it" : "them"}.`}
    </ConfirmDialog>
  );
}

function subjectOf(files: readonly FileItem[]): string {
  const [only] = files;
  if (files.length === 1 && only !== undefined) return only.kind === "DIRECTORY" ? `${plainly(only.name)} and everything in it` : plainly(only.name);
  const directories = files.filter(({ kind }) => kind === "DIRECTORY").length;
  const others = files.length - directories;
  if (directories === 0) return counted(others, "file");
  const withContents = `${counted(directories, "directory", "directories")} with everything in ${directories === 1 ? "it" : "them"}`;
  return others === 0 ? withContents : `${counted(others, "file")} and ${withContents}`;
}

function bytesOf(files: readonly FileItem[]): string {
  if (files.length === 0 || files.some(({ kind }) => kind !== "FILE")) return "";
  return ` (${inBytes(files.reduce((sum, { size }) => sum + (size ?? 0), 0))})`;
}
