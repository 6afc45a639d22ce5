/** What can be done with the service as a whole, and what has to be confirmed first. */
import { Button } from "@mantine/core";
import { IconRefresh, IconTool, IconTrash } from "@tabler/icons-react";
import { useState, type ReactElement } from "react";
import { TerminateDialog } from "../services/terminate-dialog.tsx";
import { RestartDialog } from "./restart-dialog.tsx";
import type { ServiceDetail } from "./service-detail.ts";

const look = { size: 16, stroke: 1.5 };

export function ServiceActions({ service, onModify }: { readonly service: ServiceDetail; readonly onModify: () => void }): ReactElement {
  const [asking, setAsking] = useState<"restart" | "terminate" | null>(null);
  const close = () => setAsking(null);
  return (
    <div className="line" style={{ "--gap": "8px", flexWrap: "wrap" }}>
      <Button variant="default" px={10} leftSection={<IconTool {...look} />} onClick={onModify}>
        Modify
      </Button>
      {service.routeCounts.total > 0 && (
        <Button variant="default" px={10} leftSection={<IconRefresh {...look} />} onClick={() => setAsking("restart")}>
          Restart
        </Button>
      )}
      <Button variant="default" px={10} leftSection={<IconTrash {...look} />} onClick={() => setAsking("terminate")}>
        Terminate
      </Button>
      <RestartDialog opened={asking === "restart"} service={service} onClose={close} />
      <TerminateDialog service={asking === "terminate" ? service : null} onClose={close} />
    </div>
  );
}
