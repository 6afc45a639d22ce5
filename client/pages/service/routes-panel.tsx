/** The routes, live: how each stands, why, where, and when it is tried again. */
import { Button } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { useState, type ReactElement } from "react";
import type { LaunchItemFragment, RouteItemFragment, RouteStatus } from "../../gql/graphql.ts";
import { useNow } from "../../parts/clock.ts";
import { Copy } from "../../parts/copy.tsx";
import { Status } from "../../parts/status.tsx";
import { inOneUnit } from "../../parts/duration.ts";
import { Age, exactly, Until } from "../../parts/time.tsx";
import { countOf, errorsInWords } from "./errors.ts";
import { LaunchTimeline } from "../../parts/launch-timeline.tsx";
import { NomadLink } from "../../parts/nomad-link.tsx";
import { EndedRoutes } from "./ended-routes.tsx";
import { LogsButton } from "./logs-button.tsx";
import { LogsDialog } from "./logs-dialog.tsx";
import type { ServiceDetail } from "./service-detail.ts";
import { shortId } from "./short-id.ts";
import { useLaunches } from "./use-launches.ts";

type RoutesPanelProps = {
  readonly service: ServiceDetail;
  /** Another text: something has happened. */
  readonly newestEvent: string;
  readonly onErrors: () => void;
};

export function RoutesPanel({ service, newestEvent, onErrors }: RoutesPanelProps): ReactElement {
  const { routes, errors } = service;
  const [chosen, setChosen] = useState<ReadonlyMap<string, boolean>>(new Map());
  const isOpen = ({ id, status }: RouteItemFragment): boolean => chosen.get(id) ?? launching.includes(status);
  const launches = useLaunches(service.id, newestEvent, routes.some(isOpen));
  const all = countOf(errors);
  // Here and not in a row: whoever reads the log of a route reads on when it ends.
  const [logsOf, setLogsOf] = useState<{ readonly id: string; readonly members: number } | null>(null);
  return (
    <section className="panel" aria-labelledby="routes">
      <header>
        <h2 id="routes">Routes</h2>
        <span className="line" style={{ "--gap": "12px", flexWrap: "wrap" }}>
          <span className="soft numeric">
            {routes.length} live, {service.desiredRouteCount} desired
          </span>
          {all > 0 && (
            <Button variant="default" size="compact-md" onClick={onErrors}>
              {errorsInWords(all)}
            </Button>
          )}
        </span>
      </header>
      {routes.length === 0 ? (
        <p className="soft" style={{ padding: 16 }}>
          No route is live.
        </p>
      ) : (
        <table className="table" aria-label="Routes">
          <thead>
            <tr>
              <th scope="col">Route</th>
              <th scope="col">Status</th>
              <th scope="col" className="middle">
                Reason
              </th>
              <th scope="col" className="wide">
                Node
              </th>
              <th scope="col" className="number middle">
                Revision
              </th>
              <th scope="col" className="number">
                Age
              </th>
            </tr>
          </thead>
          <tbody>
            {routes.map((route) => (
              <Row
                key={route.id}
                service={service}
                route={route}
                launch={isOpen(route) ? (launches.get(route.id) ?? null) : null}
                isOpen={isOpen(route)}
                onOpen={(open) => setChosen(new Map(chosen).set(route.id, open))}
                onErrors={onErrors}
                onLogs={() => setLogsOf({ id: route.id, members: service.revision.clusterSize })}
              />
            ))}
          </tbody>
        </table>
      )}
      <EndedRoutes serviceId={service.id} newestEvent={newestEvent} onLogs={setLogsOf} />
      {logsOf !== null && (
        <LogsDialog
          routeId={logsOf.id}
          serviceName={service.name}
          members={logsOf.members}
          hasEnded={!routes.some(({ id }) => id === logsOf.id)}
          onClose={() => setLogsOf(null)}
        />
      )}
    </section>
  );
}

const launching: readonly RouteStatus[] = ["SCHEDULING", "PREPARING", "WARMING_UP"];

type RowProps = {
  readonly service: ServiceDetail;
  readonly route: RouteItemFragment;
  /** Null while it is not known. */
  readonly launch: LaunchItemFragment | null;
  readonly isOpen: boolean;
  readonly onOpen: (open: boolean) => void;
  readonly onErrors: () => void;
  readonly onLogs: () => void;
};

function Row({ service, route, launch, isOpen, onOpen, onErrors, onLogs }: RowProps): ReactElement {
  const errors = countOf(service.errors, route.id);
  // Where the definition has problems it is not known.
  const hasHealthCheck = service.revision.definition?.healthCheckPath !== null;
  return (
    <>
      <tr>
        <td>
          <span className="line" style={{ "--gap": "0" }}>
            <button
              type="button"
              className="fold"
              aria-expanded={isOpen}
              aria-label={`Launch of ${shortId(route.id)}`}
              title="Launch"
              onClick={() => onOpen(!isOpen)}
            >
              <IconChevronRight size={16} aria-hidden />
            </button>
            <code title={route.id}>{shortId(route.id)}</code>
            <span className="middle">
              <Copy what="route id" text={route.id} />
            </span>
            <LogsButton routeId={route.id} onOpen={onLogs} />
          </span>
        </td>
        <td style={{ minWidth: 116 }}>
          <Status status={route.status} />
          {route.status === "BACKING_OFF" && route.retryAt !== null && (
            <div className="soft" style={{ fontSize: "0.75rem" }}>
              again <Until at={route.retryAt} />
            </div>
          )}
          {route.status === "WARMING_UP" && route.firstPassDueAt !== null && (
            <div className="soft" style={{ fontSize: "0.75rem" }}>
              <FirstPass dueAt={route.firstPassDueAt} what={hasHealthCheck ? "health check" : "accepted connection"} />
            </div>
          )}
          {errors > 0 && (
            <div>
              <button
                type="button"
                className="count numeric"
                data-tone="red"
                aria-label={`${errorsInWords(errors)} of ${shortId(route.id)}`}
                onClick={onErrors}
              >
                {errorsInWords(errors)}
              </button>
            </div>
          )}
          <div className="narrow soft" style={{ fontSize: "0.75rem" }}>
            {route.statusReason}
            {route.schedulerUrl !== null && <NomadLink href={route.schedulerUrl} what={`route ${shortId(route.id)}`} />}
          </div>
        </td>
        <td className="middle" style={{ overflowWrap: "anywhere" }}>
          {route.statusReason}
        </td>
        <td className="wide">
          {route.node ?? <span className="soft">Not placed</span>}
          {route.schedulerUrl !== null && <NomadLink href={route.schedulerUrl} what={`route ${shortId(route.id)}`} />}
        </td>
        <td className="number middle">{route.revision.number}</td>
        <td className="number">
          <Age at={route.createdAt} />
        </td>
      </tr>
      {isOpen && launch !== null && (
        <tr className="below">
          <td colSpan={6} style={{ paddingBlock: "8px 12px" }}>
            <LaunchTimeline launch={launch} />
          </td>
        </tr>
      )}
    </>
  );
}

/** How long the first pass may still take. It counts minutes, and seconds only at the end: nothing here is to hurry about. */
function FirstPass({ dueAt, what }: { readonly dueAt: string; readonly what: string }): ReactElement {
  const seconds = Math.ceil((Date.parse(dueAt) - useNow()) / 1000);
  return (
    <time dateTime={dueAt} title={exactly(dueAt)} className="numeric">
      {seconds <= 0 ? `first ${what} due now` : `first ${what} due within ${inOneUnit(seconds)}`}
    </time>
  );
}
