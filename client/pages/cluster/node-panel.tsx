/** One machine: how it stands, what is free of it, each accelerator with who holds it, and who else is there. */
import type { ReactElement } from "react";
import { Link } from "wouter";
import type { NodeItemFragment } from "../../gql/graphql.ts";
import { Changed } from "../../parts/changed.tsx";
import { NomadLink } from "../../parts/nomad-link.tsx";
import { Flag } from "../../parts/status.tsx";
import { amount } from "./amount.ts";
import { Devices } from "./devices.tsx";
import { NodeActions } from "./node-actions.tsx";
import { holdersOf, stateOf, type Holder } from "./node-state.ts";

type NodePanelProps = {
  readonly node: NodeItemFragment;
  /** Names of those that it is in. */
  readonly groups: readonly string[];
  readonly canChange: boolean;
};

export function NodePanel({ node, groups, canChange }: NodePanelProps): ReactElement {
  const state = stateOf(node);
  const holders = holdersOf(node.users);
  const facts = [
    groups.length === 0 ? "in no group" : `in ${groups.join(", ")}`,
    `node pool ${node.nodePool}`,
    `datacenter ${node.datacenter}`,
    ...(node.nodeClass === "" ? [] : [`class ${node.nodeClass}`]),
  ];
  return (
    <article className="panel node" aria-label={`Node ${node.name}`}>
      <div className="node-head">
        <div>
          <div className="line" style={{ flexWrap: "wrap", "--gap": "4px 12px" }}>
            <h2 style={{ overflowWrap: "anywhere" }}>{node.name}</h2>
            <Changed value={state.word}>
              <Flag tone={state.tone} shape={state.shape}>
                {state.word}
              </Flag>
            </Changed>
            {node.schedulerUrl !== null && <NomadLink href={node.schedulerUrl} what={`node ${node.name}`} />}
          </div>
          <p className="soft">{facts.join(" · ")}</p>
        </div>
        {canChange && <NodeActions node={node} holders={holders} />}
      </div>
      {state.text !== null && <p data-testid="node-state">{state.text}</p>}
      {node.status !== "DOWN" && (
        <div className="node-use">
          <Meter what="CPU" unit="cores" {...node.cpu} />
          <Meter what="Memory" unit="GiB" {...node.memoryGiB} />
        </div>
      )}
      {node.status !== "DOWN" && node.devices.length > 0 && <Devices kinds={node.devices} />}
      <p className="soft">
        {holders.length === 0 ? "Nothing runs here." : "Here: "}
        {holders.map((holder, place) => (
          <span key={holder.key}>
            {place > 0 && ", "}
            <HolderName holder={holder} /> ({holder.count})
          </span>
        ))}
      </p>
    </article>
  );
}

const HolderName = ({ holder: { name, serviceId } }: { readonly holder: Holder }): ReactElement =>
  serviceId === null ? <>{name}</> : <Link href={`/services/${serviceId}`}>{name}</Link>;

type MeterProps = { readonly what: string; readonly unit: string; readonly total: number; readonly used: number; readonly free: number };

function Meter({ what, unit, total, used, free }: MeterProps): ReactElement {
  const percent = total === 0 ? 0 : Math.min(100, (used / total) * 100);
  return (
    <div>
      <div className="line apart numeric">
        <span>{what}</span>
        <Changed value={free}>
          {amount(free)} of {amount(total)} {unit} free
        </Changed>
      </div>
      <div
        className="bar"
        data-tone={percent >= 95 ? "amber" : "blue"}
        role="meter"
        aria-label={`${what} of which somebody has the promise`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(percent)}
        aria-valuetext={`${amount(used)} of ${amount(total)} ${unit}`}
      >
        <span style={{ width: `${percent}%` }} />
      </div>
    </div>
  );
}
