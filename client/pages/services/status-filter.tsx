/** How many services are in which status, each a switch. It is the overview and the filter in one. */
import "./status-filter.css";
import type { ReactElement } from "react";
import type { ServiceStatus } from "../../gql/graphql.ts";
import { toneOf, wordOf } from "../../parts/status.tsx";
import { statusesBySeverity, type ListView } from "./list-view.ts";
import type { ServiceItem } from "./service-list.ts";

type StatusFilterProps = {
  readonly services: ReadonlyMap<string, ServiceItem>;
  readonly view: ListView;
  readonly onChange: (view: ListView) => void;
};

export function StatusFilter({ services, view, onChange }: StatusFilterProps): ReactElement {
  const countOf = (status: ServiceStatus) => [...services.values()].filter((service) => service.status === status).length;
  const toggle = (status: ServiceStatus) => {
    const statuses = new Set(view.statuses);
    if (!statuses.delete(status)) statuses.add(status);
    onChange({ ...view, statuses });
  };
  return (
    <div className="line" role="group" aria-label="Filter by status" style={{ flexWrap: "wrap" }}>
      {statusesBySeverity
        .map((status) => ({ status, count: countOf(status) }))
        .filter(({ status, count }) => count > 0 || view.statuses.has(status))
        .map(({ status, count }) => (
          <button
            key={status}
            type="button"
            className="chip"
            data-tone={toneOf(status)}
            aria-pressed={view.statuses.has(status)}
            onClick={() => toggle(status)}
          >
            {wordOf(status)} <span className="numeric">{count}</span>
          </button>
        ))}
    </div>
  );
}
