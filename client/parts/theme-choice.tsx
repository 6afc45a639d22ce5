/** Light, dark, or as the system has it. Remembered by Mantine in this browser. */
import { ActionIcon, Menu, useMantineColorScheme, type MantineColorScheme } from "@mantine/core";
import { IconCheck, IconDeviceDesktop, IconMoon, IconSun } from "@tabler/icons-react";
import type { ReactElement } from "react";

const choices: readonly { readonly scheme: MantineColorScheme; readonly label: string; readonly icon: ReactElement }[] = [
  { scheme: "light", label: "Light", icon: <IconSun size={16} stroke={1.5} /> },
  { scheme: "dark", label: "Dark", icon: <IconMoon size={16} stroke={1.5} /> },
  { scheme: "auto", label: "System", icon: <IconDeviceDesktop size={16} stroke={1.5} /> },
];

export function ThemeChoice(): ReactElement {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const chosen = choices.find(({ scheme }) => scheme === colorScheme);
  return (
    <Menu position="bottom-end" transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Theme: ${chosen?.label ?? ""}`} title="Theme">
          {chosen?.icon}
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {choices.map(({ scheme, label, icon }) => (
          <Menu.Item
            key={scheme}
            role="menuitemradio"
            aria-checked={scheme === colorScheme}
            leftSection={icon}
            rightSection={scheme === colorScheme ? <IconCheck size={14} /> : null}
            onClick={() => setColorScheme(scheme)}
          >
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
