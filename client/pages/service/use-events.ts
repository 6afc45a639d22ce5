/**
 * The history of a service: the newest page first, then live from exactly where it ended, so nothing is lost between.
 * After a reconnection the subscription starts again from the same place; events are kept by id, so they show once, and an
 * event that repeats comes again with its new count.
 */
import { useState } from "react";
import { useQuestion, useReading, useWatching } from "../../connection/operations.ts";
import { RouteEventsDocument, ServiceEventsDocument, type EventItemFragment, type ServiceEventsQuery } from "../../gql/graphql.ts";

export type EventHistory = {
  /** Newest first; undefined while not known. */
  readonly events: readonly EventItemFragment[] | undefined;
  /** Shows a page of earlier ones; null where there are none. */
  readonly earlier: (() => void) | null;
};

type Page = NonNullable<ServiceEventsQuery["service"]>["events"];

export function useEvents(serviceId: string): EventHistory {
  const ask = useQuestion();
  const { data } = useReading(ServiceEventsDocument, { id: serviceId });
  const [before, setBefore] = useState<readonly Page[]>([]);
  const [since, setSince] = useState<ReadonlyMap<string, EventItemFragment>>(new Map());
  // The first answer counts: a later one from the cache must not move the place where the subscription starts.
  const [first, setFirst] = useState<Page>();
  if (first === undefined && data?.service) setFirst(data.service.events);

  const after = first?.edges.at(-1)?.cursor;
  useWatching(
    RouteEventsDocument,
    { serviceId, ...(after !== undefined && { after }) },
    ({ routeEvents: { event } }) => setSince((known) => new Map(known).set(event.id, event)),
    { pause: first === undefined },
  );
  if (first === undefined) return { events: undefined, earlier: null };

  const pages = [...before.toReversed(), first];
  const byId = new Map(pages.flatMap((page) => page.edges.map(({ event }) => [event.id, event] as const)));
  for (const [id, event] of since) byId.set(id, event);
  const oldest = pages[0];
  const cursor = oldest?.edges[0]?.cursor;
  const earlier = () =>
    void ask(ServiceEventsDocument, { id: serviceId, ...(cursor !== undefined && { before: cursor }) })
      .then(({ service }) => service && setBefore((known) => [...known, service.events]))
      .catch(() => undefined);
  return {
    events: [...byId.values()].toReversed(),
    earlier: oldest?.pageInfo.hasPreviousPage === true ? earlier : null,
  };
}
