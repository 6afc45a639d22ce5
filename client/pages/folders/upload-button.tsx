/** Chooses files, or a whole directory, to upload. */
import { Button, Menu } from "@mantine/core";
import { IconChevronDown, IconFiles, IconFolderUp, IconUpload } from "@tabler/icons-react";
import { useRef, type ReactElement } from "react";
import { picked } from "../../uploads/picked.ts";
import type { UploadTarget } from "../../uploads/job.ts";
import { addUploads } from "../../uploads/queue.ts";

export function UploadButton({ target }: { readonly target: UploadTarget }): ReactElement {
  const files = useRef<HTMLInputElement>(null);
  const directory = useRef<HTMLInputElement>(null);
  const take = (input: HTMLInputElement): void => {
    if (input.files !== null && input.files.length > 0) addUploads(target, picked([...input.files]));
    // The same files can be chosen again.
    input.value = "";
  };
  return (
    <>
      <Menu position="bottom-end" transitionProps={{ duration: 0 }} width={200}>
        <Menu.Target>
          <Button leftSection={<IconUpload size={16} />} rightSection={<IconChevronDown size={14} />}>
            Upload
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconFiles size={16} stroke={1.5} />} onClick={() => files.current?.click()}>
            Files
          </Menu.Item>
          <Menu.Item leftSection={<IconFolderUp size={16} stroke={1.5} />} onClick={() => directory.current?.click()}>
            A directory
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <input ref={files} type="file" multiple hidden aria-label="Files to upload" onChange={(event) => take(event.currentTarget)} />
      <input
        ref={(input) => {
          directory.current = input;
          if (input !== null) input.webkitdirectory = true;
        }}
        type="file"
        hidden
        aria-label="Directory to upload"
        onChange={(event) => take(event.currentTarget)}
      />
    </>
  );
}
