/** What else can be done with one row of a table. */
import { ActionIcon, Menu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import type { ReactElement, ReactNode } from "react";

type MoreMenuProps = { readonly name: string; readonly width: number; readonly className?: string; readonly children: ReactNode };

/** @param props.children the menu's items */
export const MoreMenu = ({ name, width, className = "", children }: MoreMenuProps): ReactElement => (
  <Menu position="bottom-end" transitionProps={{ duration: 0 }} width={width}>
    <Menu.Target>
      <ActionIcon variant="subtle" color="gray" size="lg" className={className} aria-label={`More for ${name}`} title="More">
        <IconDots size={18} stroke={1.5} />
      </ActionIcon>
    </Menu.Target>
    <Menu.Dropdown>{children}</Menu.Dropdown>
  </Menu>
);
