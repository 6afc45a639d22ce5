/** How the list is looked at: filter and order, kept in the address so that a view can be shared and survives a reload. */
import type { ServiceStatus } from "../../gql/graphql.ts";
import type { ServiceItem } from "./service-list.ts";

export const columns = ["name", "status", "routes", "owner", "created"] as const;
export type Column = (typeof columns)[number];
export type ListView = {
  readonly name: string;
  readonly statuses: ReadonlySet<ServiceStatus>;
  readonly by: Column;
  readonly descending: boolean;
};

/** What needs a look comes first when sorted by status. */
const severity: Record<ServiceStatus, number> = {
  UNHEALTHY: 0,
  DEGRADED: 1,
  PROVISIONING: 2,
  HEALTHY: 3,
  STOPPED: 4,
  TERMINATING: 5,
  TERMINATED: 6,
};
export const statusesBySeverity = Object.keys(severity) as ServiceStatus[];

/** `?name=chat&status=UNHEALTHY,DEGRADED&sort=-created`; what it does not understand it ignores. */
export function readView(search: URLSearchParams): ListView {
  const sort = search.get("sort") ?? "-created";
  const by = columns.find((column) => column === sort.replace(/^-/, "")) ?? "created";
  const statuses = (search.get("status") ?? "").split(",").filter((status): status is ServiceStatus => status in severity);
  return { name: search.get("name") ?? "", statuses: new Set(statuses), by, descending: sort.startsWith("-") };
}

export function writeView(view: ListView): URLSearchParams {
  const search = new URLSearchParams();
  if (view.name !== "") search.set("name", view.name);
  if (view.statuses.size > 0) search.set("status", [...view.statuses].join(","));
  const sort = `${view.descending ? "-" : ""}${view.by}`;
  if (sort !== "-created") search.set("sort", sort);
  return search;
}

/** Clicking a column sorts by it, clicking again turns it around; the newest come first. */
export function sortBy(view: ListView, by: Column): ListView {
  return { ...view, by, descending: view.by === by ? !view.descending : by === "created" };
}

const compare: Record<Column, (a: ServiceItem, b: ServiceItem) => number> = {
  name: (a, b) => a.name.localeCompare(b.name),
  status: (a, b) => severity[a.status] - severity[b.status],
  routes: (a, b) => a.routeCounts.healthy - b.routeCounts.healthy || a.routeCounts.desired - b.routeCounts.desired,
  owner: (a, b) => a.createdBy.name.localeCompare(b.createdBy.name),
  created: (a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt),
};

export function viewed(services: Iterable<ServiceItem>, view: ListView): readonly ServiceItem[] {
  const sign = view.descending ? -1 : 1;
  const needle = view.name.trim().toLowerCase();
  return [...services]
    .filter((service) => service.name.includes(needle) && (view.statuses.size === 0 || view.statuses.has(service.status)))
    .sort((a, b) => sign * compare[view.by](a, b) || a.name.localeCompare(b.name));
}
