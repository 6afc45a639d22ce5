/** Resource groups: how many machines each has, and what of them is free. */
import type { ReactElement } from "react";
import type { ClusterSubscription } from "../../gql/graphql.ts";
import { Changed } from "../../parts/changed.tsx";
import { amount } from "./amount.ts";

type Group = ClusterSubscription["cluster"]["groups"][number];

export function GroupsPanel({ groups }: { readonly groups: readonly Group[] }): ReactElement {
  return (
    <section className="panel" aria-labelledby="groups">
      <header>
        <h2 id="groups">Resource groups</h2>
        <span className="soft">free of what there is</span>
      </header>
      <table className="table" aria-label="Resource groups">
        <thead>
          <tr>
            <th scope="col">Group</th>
            <th scope="col" className="number middle">
              Nodes that take work
            </th>
            <th scope="col" className="number">
              CPU
            </th>
            <th scope="col" className="number">
              Memory
            </th>
            <th scope="col" className="number middle">
              Accelerators
            </th>
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <Row key={group.resourceGroup.id} group={group} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ group: { resourceGroup, usage } }: { readonly group: Group }): ReactElement {
  const nodes = `${usage.eligibleNodes} of ${usage.nodes}`;
  const accelerators = usage.accelerators.map(({ name, count, free }) => `${free} of ${count} ${name}`);
  return (
    <tr>
      <td style={{ overflowWrap: "anywhere" }}>
        <span style={{ fontWeight: 500 }}>{resourceGroup.name}</span>
        <div className="soft" style={{ fontSize: "0.75rem" }}>
          node pool {resourceGroup.nodePool}
        </div>
        <div className="narrow soft numeric" style={{ fontSize: "0.75rem" }}>
          {usage.nodes === 0 ? "no nodes" : [`${nodes} nodes`, ...accelerators].join(" · ")}
        </div>
      </td>
      <td className="number middle">
        <Changed value={nodes}>{nodes}</Changed>
      </td>
      <td className="number unbroken">
        <Changed value={usage.cpu.free}>
          {amount(usage.cpu.free)} of {amount(usage.cpu.total)}
        </Changed>
      </td>
      <td className="number unbroken">
        <Changed value={usage.memoryGiB.free}>
          {amount(usage.memoryGiB.free)} of {amount(usage.memoryGiB.total)} GiB
        </Changed>
      </td>
      <td className="number middle">
        {accelerators.length === 0 ? <span className="soft">None</span> : accelerators.map((one) => <div key={one}>{one}</div>)}
      </td>
    </tr>
  );
}
