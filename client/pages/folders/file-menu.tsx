/** What can be done with one entry: at its dots, or where the pointer asked with the other button. */
import { Menu } from "@mantine/core";
import { IconDownload, IconEdit, IconFileZip, IconFolderOpen, IconFolderSymlink, IconPencil, IconTrash } from "@tabler/icons-react";
import type { ReactElement } from "react";
import { downloadAddress, isEditable, kindBehind } from "./address.ts";
import type { FileDialog } from "./file-dialogs.tsx";
import type { FileItem } from "./listing.ts";

/** `x`, `y`: in the window. */
export type MenuPlace = { readonly file: FileItem; readonly x: number; readonly y: number };
type FileMenuProps = {
  readonly place: MenuPlace | null;
  readonly folderId: string;
  readonly onClose: () => void;
  readonly onOpen: (file: FileItem) => void;
  readonly onDialog: (dialog: FileDialog) => void;
  readonly onDownload: (file: FileItem) => void;
};

const look = { size: 16, stroke: 1.5 };

export function FileMenu({ place, folderId, onClose, onOpen, onDialog, onDownload }: FileMenuProps): ReactElement | null {
  if (place === null) return null;
  const { file, x, y } = place;
  const kind = kindBehind(file);
  return (
    <Menu key={`${x} ${y}`} opened onClose={onClose} position="bottom-end" transitionProps={{ duration: 0 }} width={200} returnFocus>
      <Menu.Target>
        <span style={{ position: "fixed", left: x, top: y, width: 0, height: 0 }} />
      </Menu.Target>
      <Menu.Dropdown>
        {kind === "DIRECTORY" && (
          <Menu.Item leftSection={<IconFolderOpen {...look} />} onClick={() => onOpen(file)}>
            Open
          </Menu.Item>
        )}
        {isEditable(file) && (
          <Menu.Item leftSection={<IconEdit {...look} />} onClick={() => onOpen(file)}>
            {file.kind === "LINK" ? "Look at it" : "Edit"}
          </Menu.Item>
        )}
        {kind === "FILE" && (
          <Menu.Item leftSection={<IconDownload {...look} />} onClick={() => onDownload(file)}>
            Download
          </Menu.Item>
        )}
        {kind === "DIRECTORY" &&
          (["zip", "tar"] as const).map((archive) => (
            <Menu.Item
              key={archive}
              component="a"
              download
              href={downloadAddress(folderId, file.path, archive)}
              leftSection={<IconFileZip {...look} />}
            >
              Download as {archive}
            </Menu.Item>
          ))}
        <Menu.Item
          leftSection={<IconPencil {...look} />}
          rightSection={<kbd className="soft">F2</kbd>}
          onClick={() => onDialog({ kind: "rename", file })}
        >
          Rename
        </Menu.Item>
        <Menu.Item leftSection={<IconFolderSymlink {...look} />} onClick={() => onDialog({ kind: "move", files: [file] })}>
          Move
        </Menu.Item>
        <Menu.Item
          leftSection={<IconTrash {...look} />}
          rightSection={<kbd className="soft">Del</kbd>}
          onClick={() => onDialog({ kind: "delete", files: [file] })}
        >
          Delete
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
