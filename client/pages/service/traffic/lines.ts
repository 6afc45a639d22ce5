/** The lines of the charts. Of the whole service each chart has a line for each figure; of its routes or revisions one line for each of them. */
import type { TrafficBy, TrafficPointItemFragment as Point } from "../../../gql/graphql.ts";
import { lookOf, type Line } from "../../../parts/chart/line.ts";
import type { Series } from "./use-traffic.ts";
import { shortId } from "../short-id.ts";

export type Measure = "latency" | "firstByte";
type Figure = { readonly label: string; readonly color: string; readonly dash: readonly number[]; readonly of: (point: Point) => number | null };
export type ChartName = "requests" | "errors" | "times" | "inFlight";

const perSecond = (of: (point: Point) => number) => (point: Point) => of(point) / point.seconds;
const ink = "var(--ink)";

const figures = (measure: Measure): Record<ChartName, readonly Figure[]> => ({
  requests: [{ label: "Requests", color: ink, dash: [], of: perSecond(({ requests }) => requests) }],
  errors: [
    { label: "5xx", color: "var(--red)", dash: [], of: perSecond(({ serverErrors }) => serverErrors) },
    { label: "4xx", color: "var(--amber)", dash: [6, 4], of: perSecond(({ clientErrors }) => clientErrors) },
    { label: "Client left", color: "var(--grey)", dash: [2, 3], of: perSecond(({ gone }) => gone) },
  ],
  times: [
    { label: "p99", color: "var(--ink-faint)", dash: [2, 3], of: (point) => point[`${measure}P99`] },
    { label: "p95", color: "var(--ink-soft)", dash: [6, 4], of: (point) => point[`${measure}P95`] },
    { label: "p50", color: ink, dash: [], of: (point) => point[`${measure}P50`] },
  ],
  inFlight: [{ label: "In flight", color: ink, dash: [], of: ({ inFlight }) => inFlight }],
});

/** Of several: the one figure of each that says most. */
const oneFigure = (measure: Measure): Record<ChartName, Figure["of"]> => ({
  requests: perSecond(({ requests }) => requests),
  errors: perSecond(({ clientErrors, serverErrors }) => clientErrors + serverErrors),
  times: (point) => point[`${measure}P95`],
  inFlight: ({ inFlight }) => inFlight,
});

export function linesOf(chart: ChartName, series: readonly Series[], by: TrafficBy, measure: Measure): readonly Line[] {
  if (by !== "SERVICE") {
    const of = oneFigure(measure)[chart];
    return series.map((one, index) => ({ ...lookOf(index), label: labelOf(one), values: one.points.map(of) }));
  }
  const points = series[0]?.points ?? [];
  return figures(measure)[chart].map(({ of, ...look }) => ({ ...look, values: points.map(of) }));
}

export const labelOf = ({ id, revision }: Series): string =>
  revision !== null ? `Revision ${revision.number}` : id === null ? "No route" : shortId(id);
