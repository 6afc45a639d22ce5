/**
 * The list of services as the `services` subscription tells it: everything that is there (PRESENT), READY, then changes.
 *
 * After a reconnection the server starts again with PRESENT. What was there before stays on the screen meanwhile, and
 * whatever is not named again by READY has gone; so the list is never empty for a moment, and never keeps a ghost.
 */
import type { ServiceListItemFragment, ServiceListSubscription } from "../../gql/graphql.ts";

export type ServiceItem = ServiceListItemFragment;
export type ServiceListChange = ServiceListSubscription["services"];

export type ServiceList = {
  readonly services: ReadonlyMap<string, ServiceItem>;
  /** Named since the last start of the stream; null once READY came, until the stream starts again. */
  readonly present: ReadonlySet<string> | null;
  /** Nothing is known before the first READY. */
  readonly known: boolean;
};

export const nothingYet: ServiceList = { services: new Map(), present: new Set(), known: false };

export function applyChange(list: ServiceList, change: ServiceListChange): ServiceList {
  switch (change.kind) {
    case "PRESENT":
    case "CHANGED": {
      if (!change.service) return list;
      const services = new Map(list.services).set(change.service.id, change.service);
      const present = change.kind === "PRESENT" ? (list.present ?? new Set<string>()) : list.present;
      return { ...list, services, present: present === null ? null : new Set(present).add(change.service.id) };
    }
    case "REMOVED": {
      const services = new Map(list.services);
      services.delete(change.id ?? change.service?.id ?? "");
      return { ...list, services };
    }
    case "READY": {
      const present = list.present ?? new Set<string>();
      return { services: new Map([...list.services].filter(([id]) => present.has(id))), present: null, known: true };
    }
  }
}
