/** What can be done with a folder besides opening it. */
import { Menu } from "@mantine/core";
import { IconFileZip, IconPlayerPlay, IconSettings, IconTrash } from "@tabler/icons-react";
import type { ReactElement } from "react";
import { Link } from "wouter";
import type { FolderItemFragment } from "../../gql/graphql.ts";
import { MoreMenu } from "../../parts/more-menu.tsx";
import { downloadAddress, startAddress } from "./address.ts";

type FolderMenuProps = {
  readonly folder: FolderItemFragment;
  readonly onChange: () => void;
  readonly onDelete: () => void;
};

const look = { size: 16, stroke: 1.5 };

export function FolderMenu({ folder, onChange, onDelete }: FolderMenuProps): ReactElement {
  return (
    <MoreMenu name={folder.name} width={220} className="above">
      {folder.usage === "MODEL" && (
        <Menu.Item component={Link} href={startAddress(folder.id)} leftSection={<IconPlayerPlay {...look} />}>
          Start service from it
        </Menu.Item>
      )}
      <Menu.Item leftSection={<IconSettings {...look} />} onClick={onChange}>
        Rename and settings
      </Menu.Item>
      <Menu.Item component="a" download href={downloadAddress(folder.id, "", "zip")} leftSection={<IconFileZip {...look} />}>
        Download as zip
      </Menu.Item>
      <Menu.Item leftSection={<IconTrash {...look} />} onClick={onDelete}>
        Delete
      </Menu.Item>
    </MoreMenu>
  );
}
