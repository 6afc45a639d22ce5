/** What the charts show, for who cannot see them, or wants the numbers. */
import { useState, type ReactElement } from "react";
import { exactly } from "../../../parts/time.tsx";
import { duration } from "../../../parts/duration.ts";
import { labelOf } from "./lines.ts";
import type { Traffic } from "./use-traffic.ts";

export function TrafficTable({ traffic: { series } }: { readonly traffic: Traffic }): ReactElement {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="traffic-foot" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>As a table</summary>
      {isOpen && (
        <div className="traffic-table">
          <table className="table" aria-label="Traffic">
            <thead>
              <tr>
                <th scope="col">From</th>
                {series.length > 1 && <th scope="col">Of</th>}
                <th scope="col" className="number">
                  Requests
                </th>
                <th scope="col" className="number">
                  4xx
                </th>
                <th scope="col" className="number">
                  5xx
                </th>
                <th scope="col" className="number">
                  p50
                </th>
                <th scope="col" className="number">
                  p95
                </th>
                <th scope="col" className="number">
                  p99
                </th>
              </tr>
            </thead>
            <tbody>
              {series.flatMap((one) =>
                one.points
                  .filter(({ requests }) => requests > 0)
                  .toReversed()
                  .map((point) => (
                    <tr key={`${one.id} ${point.at}`}>
                      <td className="unbroken">{exactly(point.at)}</td>
                      {series.length > 1 && <td>{labelOf(one)}</td>}
                      <td className="number">{point.requests}</td>
                      <td className="number">{point.clientErrors}</td>
                      <td className="number">{point.serverErrors}</td>
                      {[point.latencyP50, point.latencyP95, point.latencyP99].map((ms, at) => (
                        <td key={at} className="number unbroken">
                          {ms === null ? "–" : duration(Math.round(ms))}
                        </td>
                      ))}
                    </tr>
                  )),
              )}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}
