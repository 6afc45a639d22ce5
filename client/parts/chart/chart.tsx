/** Lines over time, drawn by uPlot. The legend tells the newest values, or those under the pointer; charts of one page share it. */
import "./chart.css";
import { useEffect, useMemo, useRef, useState, type ReactElement, type ReactNode } from "react";
import type UPlot from "uplot";
import { loadPart } from "../load-part.ts";
import type { Line } from "./line.ts";

export type ChartProps = {
  readonly title: string;
  /** Beside the title. */
  readonly aside?: ReactNode;
  /** Seconds of the epoch, ascending. */
  readonly times: readonly number[];
  readonly from: number;
  readonly to: number;
  readonly lines: readonly Line[];
  readonly format: (value: number) => string;
};

const height = 148;

export function Chart({ title, aside, times, from, to, lines, format }: ChartProps): ReactElement {
  const place = useRef<HTMLDivElement>(null);
  const legend = useRef<HTMLUListElement>(null);
  const plot = useRef<UPlot | null>(null);
  const shown = useRef({ from, to, format });
  const [under, setUnder] = useState<number | null>(null);
  const looks = JSON.stringify(lines.map(({ label, dash }) => [label, dash]));
  const data = useMemo(() => [times, ...lines.map(drawn)] as unknown as UPlot.AlignedData, [times, lines]);
  const newest = useRef(data);
  const isKnown = times.length > 0;

  useEffect(() => {
    shown.current = { from, to, format };
    newest.current = data;
    plot.current?.setData(data);
  }, [data, from, to, format]);
  useEffect(() => {
    if (!isKnown) return;
    let isGone = false;
    const observers: { disconnect(): void }[] = [];
    const colorOf = (index: number): string => getComputedStyle(legend.current?.querySelectorAll("svg")[index] ?? document.body).color;
    void loadPart(() => import("./open-plot.ts")).then(({ openPlot }) => {
      if (isGone || place.current === null) return;
      const dashes = (JSON.parse(looks) as [string, number[]][]).map(([, dash]) => dash);
      const opened = openPlot(place.current, { dashes, height, data: newest.current, shown: () => shown.current, colorOf, onPoint: setUnder });
      plot.current = opened;
      const sizes = new ResizeObserver(() => opened.setSize({ width: place.current?.clientWidth ?? 0, height }));
      sizes.observe(place.current);
      const themes = new MutationObserver(() => opened.redraw());
      themes.observe(document.documentElement, { attributeFilter: ["data-mantine-color-scheme"] });
      observers.push(sizes, themes);
    });
    return () => {
      isGone = true;
      for (const observer of observers) observer.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [looks, isKnown]);

  const at = under ?? times.length - 1;
  return (
    <figure className="chart">
      <figcaption>
        {title}
        {aside}
      </figcaption>
      <div ref={place} className="plot" aria-hidden="true" />
      <ul ref={legend} className="legend">
        {lines.map((line) => (
          <li key={line.label} style={{ "--line-color": line.color }}>
            <Swatch line={line} />
            {line.label} <span className="numeric">{inWords(line.values[at], format)}</span>
          </li>
        ))}
      </ul>
    </figure>
  );
}

/** What is nothing all the time is not drawn: a red line at the bottom would look like errors. */
const drawn = ({ values }: Line): Line["values"] => (values.some((value) => value !== null && value !== 0) ? values : values.map(() => null));

const inWords = (value: number | null | undefined, format: (value: number) => string): string =>
  value === null || value === undefined ? "–" : format(value);

function Swatch({ line }: { readonly line: Line }): ReactElement {
  return (
    <svg width="18" height="4" aria-hidden="true">
      <line x1="0" x2="18" y1="2" y2="2" stroke="currentColor" strokeWidth="2" strokeDasharray={line.dash.join(" ")} />
    </svg>
  );
}
