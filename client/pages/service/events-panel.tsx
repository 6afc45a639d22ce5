/** What happened, newest first, live. */
import { Button } from "@mantine/core";
import type { ReactElement } from "react";
import type { EventItemFragment } from "../../gql/graphql.ts";
import { Changed } from "../../parts/changed.tsx";
import { Status } from "../../parts/status.tsx";
import { Ago } from "../../parts/time.tsx";
import { shortId } from "./short-id.ts";
import { isProgram, StartActionOutput } from "./start-action.tsx";
import type { EventHistory } from "./use-events.ts";

export function EventsPanel({ events, earlier }: EventHistory): ReactElement {
  return (
    <section className="panel" aria-labelledby="events">
      <header>
        <h2 id="events">Events</h2>
      </header>
      {events === undefined ? (
        <p className="soft" style={{ padding: 16 }}>
          Not known yet.
        </p>
      ) : events.length === 0 ? (
        <p className="soft" style={{ padding: 16 }}>
          Nothing has happened yet.
        </p>
      ) : (
        <ol className="events" reversed>
          {withoutTwins(events).map((event) => (
            <Item key={event.id} event={event} />
          ))}
        </ol>
      )}
      {earlier !== null && (
        <div style={{ padding: "8px 16px", borderTop: "1px solid var(--line)" }}>
          <Button variant="subtle" color="gray" size="compact-sm" onClick={earlier}>
            Show earlier
          </Button>
        </div>
      )}
    </section>
  );
}

/** So far apart may two that were written together be, where routes start side by side. */
const nearby = 3;

/** What a status says already is not said again by what led to it. */
function withoutTwins(events: readonly EventItemFragment[]): readonly EventItemFragment[] {
  const says = (status: EventItemFragment, event: EventItemFragment): boolean =>
    status.status !== null && status.routeId === event.routeId && status.message === event.message;
  return events.filter(
    (event, place) =>
      event.status !== null ||
      event.repeats > 0 ||
      event.action !== null ||
      !events.slice(Math.max(0, place - nearby), place + nearby + 1).some((other) => says(other, event)),
  );
}

function Item({ event }: { readonly event: EventItemFragment }): ReactElement {
  return (
    <li>
      <span className="soft">
        <Ago at={event.lastAt} />
      </span>
      {event.status === null ? <span className="soft">{inWords(event.kind)}</span> : <Status status={event.status} />}
      <span className="text">
        {event.message}
        {event.repeats > 0 && (
          <Changed value={event.repeats}>
            <span className="soft numeric"> {event.repeats + 1} times</span>
          </Changed>
        )}{" "}
        {event.routeId !== null && (
          <code className="soft" title={event.routeId}>
            {shortId(event.routeId)}
          </code>
        )}
        {event.user !== null && <span className="soft">by {event.user.name}</span>}
        {event.action !== null && (
          <>
            {/* Of one that failed the sentence says it. */}
            {isProgram(event.action) && event.action.exitCode === 0 && <span className="soft numeric unbroken"> exit code 0</span>}
            <StartActionOutput action={event.action} />
          </>
        )}
      </span>
    </li>
  );
}

/** "TOKEN_CREATED" as "Token created". */
function inWords(kind: string): string {
  const words = kind.toLowerCase().replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
