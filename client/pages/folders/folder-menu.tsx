/** What can be done with a folder besides opening it. */
import { ActionIcon, Menu } from "@mantine/core";
import { IconDots, IconFileZip, IconPlayerPlay, IconSettings, IconTrash } from "@tabler/icons-react";
import type { ReactElement } from "react";
import { Link } from "wouter";
import type { FolderItemFragment } from "../../gql/graphql.ts";
import { downloadAddress, startAddress } from "./address.ts";

type FolderMenuProps = {
  readonly folder: FolderItemFragment;
  readonly onChange: () => void;
  readonly onDelete: () => void;
};

const look = { size: 16, stroke: 1.5 };

export function FolderMenu({ folder, onChange, onDelete }: FolderMenuProps): ReactElement {
  return (
    <Menu position="bottom-end" transitionProps={{ duration: 0 }} width={220}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" className="above" aria-label={`More for ${folder.name}`} title="More">
          <IconDots size={18} stroke={1.5} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
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
      </Menu.Dropdown>
    </Menu>
  );
}
