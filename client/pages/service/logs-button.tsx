/** Opens the log of a route. */
import { ActionIcon } from "@mantine/core";
import { IconFileText } from "@tabler/icons-react";
import { useState, type ReactElement } from "react";
import { LogsDialog } from "./logs-dialog.tsx";
import { shortId } from "./short-id.ts";

export function LogsButton({ routeId, serviceName }: { readonly routeId: string; readonly serviceName: string }): ReactElement {
  const [opened, setOpened] = useState(false);
  return (
    <>
      <ActionIcon variant="subtle" color="gray" size="md" aria-label={`Logs of ${shortId(routeId)}`} title="Logs" onClick={() => setOpened(true)}>
        <IconFileText size={16} aria-hidden />
      </ActionIcon>
      <LogsDialog opened={opened} routeId={routeId} serviceName={serviceName} onClose={() => setOpened(false)} />
    </>
  );
}
