/** Opens the log of a route. */
import { ActionIcon } from "@mantine/core";
import { IconFileText } from "@tabler/icons-react";
import { useState, type ReactElement } from "react";
import { LogsDialog } from "./logs-dialog.tsx";
import { shortId } from "./short-id.ts";

type LogsButtonProps = {
  readonly routeId: string;
  readonly serviceName: string;
  /** Members of the route. */
  readonly size: number;
};

export function LogsButton({ routeId, serviceName, size }: LogsButtonProps): ReactElement {
  const [opened, setOpened] = useState(false);
  return (
    <>
      <ActionIcon variant="subtle" color="gray" size="md" aria-label={`Logs of ${shortId(routeId)}`} title="Logs" onClick={() => setOpened(true)}>
        <IconFileText size={16} aria-hidden />
      </ActionIcon>
      <LogsDialog opened={opened} routeId={routeId} serviceName={serviceName} members={size} onClose={() => setOpened(false)} />
    </>
  );
}
