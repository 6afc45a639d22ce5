/** uPlot as the console uses it: quiet axes, colours of the style sheet asked for at each drawing, so that another theme is another drawing. */
import "uplot/dist/uPlot.min.css";
import UPlot from "uplot";

export type PlotOptions = {
  readonly dashes: readonly (readonly number[])[];
  readonly height: number;
  readonly data: UPlot.AlignedData;
  /** What is shown now: seconds of the epoch, and how values are written. */
  readonly shown: () => { readonly from: number; readonly to: number; readonly format: (value: number) => string };
  readonly colorOf: (line: number) => string;
  /** The point under the pointer; null where there is none. */
  readonly onPoint: (index: number | null) => void;
};

const daySeconds = 86_400;
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric" });

export function openPlot(place: HTMLElement, { dashes, height, data, shown, colorOf, onPoint }: PlotOptions): UPlot {
  const named = (name: string) => () => resolved(place, name);
  const grid = { stroke: named("--line"), width: 1 };
  const common = { stroke: named("--ink-soft"), grid, ticks: { show: false }, font: `12px ${getComputedStyle(place).fontFamily}` };
  const timeOf = (seconds: number): string => {
    const { from, to } = shown();
    return (to - from > 2 * daySeconds ? day : clock).format(seconds * 1000);
  };
  return new UPlot(
    {
      width: place.clientWidth,
      height,
      padding: [8, 20, 0, 0],
      legend: { show: false },
      cursor: { sync: { key: "console" }, y: false, drag: { x: false, y: false } },
      scales: {
        x: { range: () => [shown().from, shown().to] },
        y: { range: (_plot, _least, most) => [0, most > 0 ? most * 1.1 : 1] },
      },
      axes: [
        { ...common, size: 24, space: 64, values: (_plot, splits) => splits.map(timeOf) },
        { ...common, size: 56, space: 36, values: (_plot, splits) => splits.map((value) => shown().format(value)) },
      ],
      series: [{}, ...dashes.map((dash, index) => lineOf(dash, () => colorOf(index)))],
      hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? null)] },
    },
    data,
    place,
  );
}

function lineOf(dash: readonly number[], stroke: () => string): UPlot.Series {
  return { stroke, width: 1.5, dash: [...dash], points: { show: true, size: 4, fill: stroke, filter: alone } };
}

/** Points with nothing beside them, of which no line would tell. */
function alone(plot: UPlot, series: number): number[] | null {
  const values = plot.data[series] ?? [];
  const isMissing = (at: number): boolean => (values[at] ?? null) === null;
  return Array.from(values.keys()).filter((at) => !isMissing(at) && isMissing(at - 1) && isMissing(at + 1));
}

/** A colour of the style sheet as a canvas takes it. */
function resolved(place: HTMLElement, name: string): string {
  place.style.color = `var(${name})`;
  return getComputedStyle(place).color;
}
