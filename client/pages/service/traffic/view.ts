/** How the traffic of a service is looked at, kept in the address so that it can be shared and survives a reload. */
import type { TrafficBy } from "../../../gql/graphql.ts";

export const ranges = {
  "15m": { label: "15 min", inWords: "15 minutes", seconds: 900 },
  "1h": { label: "1 h", inWords: "hour", seconds: 3600 },
  "6h": { label: "6 h", inWords: "6 hours", seconds: 21_600 },
  "24h": { label: "24 h", inWords: "24 hours", seconds: 86_400 },
  "7d": { label: "7 d", inWords: "7 days", seconds: 604_800 },
} as const;
export type Range = keyof typeof ranges;
export type TrafficView = { readonly range: Range; readonly by: TrafficBy };

const bys: readonly TrafficBy[] = ["SERVICE", "REVISION", "ROUTE"];

/** `?traffic=6h,route`; what it does not understand it ignores. */
export function readTrafficView(search: URLSearchParams): TrafficView {
  const [range = "", by = ""] = (search.get("traffic") ?? "").split(",");
  return { range: range in ranges ? (range as Range) : "1h", by: bys.find((one) => one === by.toUpperCase()) ?? "SERVICE" };
}

export function writeTrafficView(search: URLSearchParams, { range, by }: TrafficView): URLSearchParams {
  const written = new URLSearchParams(search);
  if (range === "1h" && by === "SERVICE") written.delete("traffic");
  else written.set("traffic", by === "SERVICE" ? range : `${range},${by.toLowerCase()}`);
  return written;
}
