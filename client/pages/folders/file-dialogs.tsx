/** The dialogs of the explorer, of which one is open at most. */
import type { ReactElement } from "react";
import { DeleteFilesDialog } from "./delete-files-dialog.tsx";
import { FileNameDialog } from "./file-name-dialog.tsx";
import type { FileItem } from "./listing.ts";
import { MoveFilesDialog } from "./move-files-dialog.tsx";

export type FileDialog =
  | { readonly kind: "rename"; readonly file: FileItem }
  | { readonly kind: "directory" | "file" }
  | { readonly kind: "move" | "delete"; readonly files: readonly FileItem[] };

type FileDialogsProps = {
  readonly dialog: FileDialog | null;
  readonly folderId: string;
  readonly directory: string;
  /** Names of those that use the folder. */
  readonly services: readonly string[];
  readonly onClose: () => void;
  /** `now`: what the entry that it was about is called from now on. */
  readonly onChanged: (now?: string) => void;
};

export function FileDialogs({ dialog, folderId, directory, services, onClose, onChanged }: FileDialogsProps): ReactElement {
  const common = { folderId, directory, onClose, onChanged };
  return (
    <>
      <FileNameDialog
        {...common}
        opened={dialog?.kind === "rename" || dialog?.kind === "directory" || dialog?.kind === "file"}
        makes={dialog?.kind === "file" ? "file" : "directory"}
        file={dialog?.kind === "rename" ? dialog.file : null}
      />
      <MoveFilesDialog {...common} files={dialog?.kind === "move" ? dialog.files : null} />
      <DeleteFilesDialog {...common} files={dialog?.kind === "delete" ? dialog.files : null} services={services} />
    </>
  );
}
