/** The table of services. Rows hold still while the pointer is over them; a row that has gone stays, faint, until it leaves. */
import { ActionIcon, Button } from "@mantine/core";
import { IconTool, IconTrash } from "@tabler/icons-react";
import { useState, type ReactElement } from "react";
import { Link, useLocation } from "wouter";
import { Blank } from "../../parts/blank.tsx";
import { Changed } from "../../parts/changed.tsx";
import { Copy } from "../../parts/copy.tsx";
import { holdStill, moveBetweenRows } from "../../parts/rows.ts";
import { Status } from "../../parts/status.tsx";
import { Ago } from "../../parts/time.tsx";
import type { ListView } from "./list-view.ts";
import type { ServiceItem } from "./service-list.ts";
import { SortHead } from "./sort-head.tsx";
import { TerminateDialog } from "./terminate-dialog.tsx";

type ServicesTableProps = {
  readonly services: ReadonlyMap<string, ServiceItem>;
  readonly rows: readonly ServiceItem[];
  readonly view: ListView;
  readonly onView: (view: ListView) => void;
};

export function ServicesTable({ services, rows, view, onView }: ServicesTableProps): ReactElement {
  const [held, setHeld] = useState<readonly ServiceItem[] | null>(null);
  const [terminating, setTerminating] = useState<ServiceItem | null>(null);
  const shown = held === null ? rows : holdStill(held, rows, (id) => services.get(id));
  // Whoever sorts or filters while pointing at the table wants to see the result.
  const changeView = (next: ListView) => {
    setHeld(null);
    onView(next);
  };
  const head = { view, onView: changeView };

  if (shown.length === 0) {
    return (
      <div className="panel">
        <Blank title="No service matches" text="Another name or status may.">
          <Button variant="default" onClick={() => changeView({ ...view, name: "", statuses: new Set() })}>
            Show all
          </Button>
        </Blank>
      </div>
    );
  }
  return (
    <div className="panel" onKeyDown={moveBetweenRows}>
      <table className="table" aria-label="Services">
        <thead>
          <tr>
            <SortHead {...head} column="name" label="Name" />
            <SortHead {...head} column="status" label="Status" />
            <th scope="col" className="wide">
              Endpoint
            </th>
            <SortHead {...head} column="routes" label="Routes" className="number last-when-narrow" />
            <th scope="col" className="middle">
              Public
            </th>
            <SortHead {...head} column="owner" label="Owner" className="wide" />
            <SortHead {...head} column="created" label="Created" className="middle" />
            <th scope="col" className="number middle">
              Control
            </th>
          </tr>
        </thead>
        <tbody onPointerEnter={() => setHeld(rows)} onPointerLeave={() => setHeld(null)}>
          {shown.map((service) => (
            <Row key={service.id} service={service} gone={!services.has(service.id)} onTerminate={() => setTerminating(service)} />
          ))}
        </tbody>
      </table>
      <TerminateDialog service={terminating} onClose={() => setTerminating(null)} />
    </div>
  );
}

type RowProps = { readonly service: ServiceItem; readonly gone: boolean; readonly onTerminate: () => void };

function Row({ service, gone, onTerminate }: RowProps): ReactElement {
  const [, navigate] = useLocation();
  const { healthy, desired } = service.routeCounts;
  const ending = gone || service.status === "TERMINATING" || service.status === "TERMINATED";
  return (
    <tr data-gone={gone || undefined}>
      <td>
        <Link href={`/services/${service.id}`} className="row-link">
          {service.name}
        </Link>
      </td>
      <td style={{ minWidth: 116 }}>
        <span title={service.statusReason}>
          <Status status={gone ? "TERMINATED" : service.status} />
        </span>
      </td>
      <td className="wide">
        <span className="line" style={{ "--gap": "4px" }}>
          <span className="mono cut" style={{ maxWidth: 280 }}>
            {service.endpoint}
          </span>
          <Copy what="endpoint" text={service.endpoint} />
        </span>
      </td>
      <td className="number last-when-narrow">
        <Changed value={`${healthy}/${desired}`}>
          {healthy}/{desired}
        </Changed>
      </td>
      <td className="middle">{service.openToPublic ? "Yes" : "No"}</td>
      <td className="wide">{service.createdBy.name}</td>
      <td className="middle soft" style={{ minWidth: 88 }}>
        <Ago at={service.createdAt} />
      </td>
      <td className="number middle" style={{ whiteSpace: "nowrap" }}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          className="above"
          aria-label={`Modify ${service.name}`}
          title="Modify"
          disabled={ending}
          onClick={() => navigate(`/services/${service.id}/modify`)}
        >
          <IconTool size={18} stroke={1.5} />
        </ActionIcon>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          className="above"
          aria-label={`Terminate ${service.name}`}
          title="Terminate"
          disabled={ending}
          onClick={onTerminate}
        >
          <IconTrash size={18} stroke={1.5} />
        </ActionIcon>
      </td>
    </tr>
  );
}
