/** How much the service is asked for, how it answers, and how fast: live, over the last minutes, hours or days. */
import "./traffic.css";
import { SegmentedControl, Select } from "@mantine/core";
import { useState, type ReactElement } from "react";
import { useSearchParams } from "wouter";
import type { TrafficBy } from "../../../gql/graphql.ts";
import { Chart } from "../../../parts/chart/chart.tsx";
import { duration } from "../../../parts/duration.ts";
import { Notice } from "../../../parts/notice.tsx";
import { linesOf, type ChartName, type Measure } from "./lines.ts";
import { TrafficTable } from "./traffic-table.tsx";
import { useTraffic, type Traffic } from "./use-traffic.ts";
import { ranges, readTrafficView, writeTrafficView, type Range, type TrafficView } from "./view.ts";

const titles: Record<ChartName, string> = { requests: "Requests", errors: "Errors", times: "Response time", inFlight: "In flight, on average" };
const choices = Object.entries(ranges).map(([value, { label }]) => ({ value, label }));
const bys: { readonly value: TrafficBy; readonly label: string }[] = [
  { value: "SERVICE", label: "Whole service" },
  { value: "REVISION", label: "By revision" },
  { value: "ROUTE", label: "By route" },
];

export function TrafficPanel({ serviceId }: { readonly serviceId: string }): ReactElement {
  const [search, setSearch] = useSearchParams();
  const view = readTrafficView(search);
  const { value: traffic, problem } = useTraffic(serviceId, view);
  const look = (changed: Partial<TrafficView>): void => setSearch((before) => writeTrafficView(before, { ...view, ...changed }), { replace: true });
  return (
    <section className="panel" aria-labelledby="traffic">
      <header className="traffic-head">
        <h2 id="traffic">Traffic</h2>
        <span className="soft numeric">{traffic ? `${traffic.inFlight} in flight now` : null}</span>
        <span className="line" style={{ flexWrap: "wrap" }}>
          <Select
            aria-label="What the charts tell apart"
            size="xs"
            w={136}
            data={bys}
            value={view.by}
            onChange={(by) => look({ by: by as TrafficBy })}
          />
          <SegmentedControl
            aria-label="Time shown"
            size="xs"
            data={choices}
            value={view.range}
            onChange={(range) => look({ range: range as Range })}
            transitionDuration={0}
          />
        </span>
      </header>
      <Notice tone="amber">{problem === undefined ? null : "The traffic cannot be read right now. It is tried again every few seconds."}</Notice>
      <Charts view={view} traffic={traffic ?? null} />
    </section>
  );
}

function Charts({ view: { by, range }, traffic }: { readonly view: TrafficView; readonly traffic: Traffic | null }): ReactElement {
  const [measure, setMeasure] = useState<Measure>("latency");
  const isQuiet = traffic !== null && traffic.inFlight === 0 && traffic.series.every(({ requests }) => requests === 0);
  const times = traffic?.series[0]?.points.map(({ at }) => Date.parse(at) / 1000) ?? [];
  const chart = (name: ChartName, format: (value: number) => string, aside: ReactElement | null = null): ReactElement => (
    <Chart
      title={by !== "SERVICE" && name === "times" ? "Response time, p95" : titles[name]}
      aside={aside}
      times={times}
      from={traffic?.from ?? 0}
      to={traffic?.to ?? 1}
      lines={linesOf(name, traffic?.series ?? [], by, measure)}
      format={format}
    />
  );
  return (
    <>
      <div className="traffic" data-quiet={isQuiet || undefined}>
        {chart("requests", rate)}
        {chart("errors", rate)}
        {chart(
          "times",
          (ms) => duration(ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms)),
          <SegmentedControl
            aria-label="Which time"
            size="xs"
            data={[
              { value: "latency", label: "Whole answer" },
              { value: "firstByte", label: "First byte" },
            ]}
            value={measure}
            onChange={(value) => setMeasure(value as Measure)}
            transitionDuration={0}
          />,
        )}
        {chart("inFlight", plain)}
        {isQuiet && <p className="quiet">No requests in the last {ranges[range].inWords}.</p>}
      </div>
      {traffic !== null && traffic.omitted > 0 && <p className="traffic-foot soft">{traffic.omitted} more with fewer requests are not shown.</p>}
      {traffic !== null && !isQuiet && <TrafficTable traffic={traffic} />}
    </>
  );
}

/** Three figures, two behind the point; what is less is not nothing. */
function plain(value: number): string {
  if (value >= 1000) return `${(value / 1000).toPrecision(3)} k`;
  if (value > 0 && value < 0.01) return "<0.01";
  return String(value < 1 ? Number(value.toFixed(2)) : Number(value.toPrecision(3)));
}
const rate = (value: number): string => `${plain(value)}/s`;
