/** What folder this is, how full it is, who uses it, and the next step: start a service, or what it lacks for that. */
import { Button } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useCallback, useState, type ReactElement } from "react";
import { Link, useLocation } from "wouter";
import { startAddress } from "./address.ts";
import { DefinitionCallout } from "./definition-callout.tsx";
import type { FolderHead } from "./explorer-page.tsx";
import { FolderMenu } from "./folder-menu.tsx";
import { FolderSettingsDialog } from "./folder-settings-dialog.tsx";
import { permissionWord, UsedBy, UsedBytes } from "./folder-words.tsx";
import type { FileItem } from "./listing.ts";
import { useFolderTrash } from "./use-folder-trash.tsx";

type ExplorerHeadProps = {
  readonly folderId: string;
  readonly folder: FolderHead | undefined;
  readonly path: string;
  /** Of the directory that is shown, as far as they were read. */
  readonly files: readonly FileItem[];
  readonly onChanged: () => Promise<void>;
  /** Also the files have. */
  readonly onFilesChanged: () => void;
};

export function ExplorerHead({ folderId, folder, path, files, onChanged, onFilesChanged }: ExplorerHeadProps): ReactElement {
  const [, navigate] = useLocation();
  const [changing, setChanging] = useState(false);
  const changed = useCallback(() => void onChanged(), [onChanged]);
  const { remove } = useFolderTrash(changed);
  const deleteIt = async () => {
    if (folder !== undefined && (await remove(folder))) navigate(folder.usage === "GENERAL" ? "/folders?tab=general" : "/folders");
  };
  return (
    <>
      <div className="page-head explorer-head">
        <div>
          <h1>{folder?.name ?? " "}</h1>
          {folder !== undefined && (
            <p className="soft folder-facts">
              <span>{folder.usage === "MODEL" ? "Model" : "General"}</span>
              <span>{permissionWord[folder.permission]}</span>
              <UsedBytes used={folder.usedBytes} quota={folder.quotaBytes} />
              {folder.usedBy.length > 0 && (
                <span className="line">
                  Used by <UsedBy services={folder.usedBy} />
                </span>
              )}
            </p>
          )}
        </div>
        {folder !== undefined && (
          <div className="line">
            {folder.usage === "MODEL" && (
              <Button
                component={Link}
                href={startAddress(folderId)}
                variant={folder.definitionFile === null ? "default" : "filled"}
                leftSection={<IconPlayerPlay size={16} />}
              >
                Start service from this folder
              </Button>
            )}
            <FolderMenu folder={folder} onChange={() => setChanging(true)} onDelete={() => void deleteIt()} />
          </div>
        )}
      </div>
      {folder?.usage === "MODEL" && path === "" && <DefinitionCallout folder={folder} files={files} onChanged={onFilesChanged} />}
      <FolderSettingsDialog folder={changing ? (folder ?? null) : null} onClose={() => setChanging(false)} onChanged={changed} />
    </>
  );
}
