/** Opens the log of a route. */
import { ActionIcon } from "@mantine/core";
import { IconFileText } from "@tabler/icons-react";
import type { ReactElement } from "react";
import { shortId } from "./short-id.ts";

export function LogsButton({ routeId, onOpen }: { readonly routeId: string; readonly onOpen: () => void }): ReactElement {
  return (
    <ActionIcon variant="subtle" color="gray" size="md" aria-label={`Logs of ${shortId(routeId)}`} title="Logs" onClick={onOpen}>
      <IconFileText size={16} aria-hidden />
    </ActionIcon>
  );
}
