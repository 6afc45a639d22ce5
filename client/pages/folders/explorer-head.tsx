/** What folder this is, how full it is, who uses it, and the next step: start a service, or what it lacks for that. */
import { Button } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useCallback, useState, type ReactElement } from "react";
import { Link, useLocation } from "wouter";
import { Words } from "../../parts/words.tsx";
import { editAddress } from "../edit/address.ts";
import { startAddress } from "./address.ts";
import type { FolderHead } from "./explorer-page.tsx";
import { FolderMenu } from "./folder-menu.tsx";
import { FolderSettingsDialog } from "./folder-settings-dialog.tsx";
import { permissionWord, UsedBy, UsedBytes } from "./folder-words.tsx";
import { useFolderTrash } from "./use-folder-trash.tsx";

type ExplorerHeadProps = {
  readonly folderId: string;
  readonly folder: FolderHead | undefined;
  readonly path: string;
  readonly onChanged: () => Promise<void>;
};

export function ExplorerHead({ folderId, folder, path, onChanged }: ExplorerHeadProps): ReactElement {
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
      {folder?.usage === "MODEL" && path === "" && <Definition folder={folder} />}
      <FolderSettingsDialog folder={changing ? (folder ?? null) : null} onClose={() => setChanging(false)} onChanged={changed} />
    </>
  );
}

/** What the folder lacks before a service can run on it. */
function Definition({ folder }: { readonly folder: FolderHead }): ReactElement | null {
  const file = folder.definitionFile;
  if (file === null) {
    return (
      <div className="notice callout" data-tone="blue">
        <span>
          This folder has no <code>model-definition.yml</code> yet: it says how the model is started, and no service can run without it.
        </span>
        <Button component={Link} href={editAddress(folder.id, "model-definition.yml")} variant="default" size="compact-md">
          Write model-definition.yml
        </Button>
      </div>
    );
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
