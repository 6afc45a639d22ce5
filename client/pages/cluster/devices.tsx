/** Each accelerator of a machine as a cell: which it is, and who holds it. */
import type { ReactElement } from "react";
import { Link } from "wouter";
import type { NodeItemFragment } from "../../gql/graphql.ts";

type Kind = NodeItemFragment["devices"][number];
type Device = Kind["devices"][number];

export function Devices({ kinds }: { readonly kinds: readonly Kind[] }): ReactElement {
  return (
    <div className="stack" style={{ "--gap": "8px" }}>
      {kinds.map(({ name, devices }) => (
        <section key={name} aria-label={name}>
          <div className="line apart numeric" style={{ flexWrap: "wrap", "--gap": "4px" }}>
            <code>{name}</code>
            <span className="soft">
              {devices.filter(({ healthy, heldBy }) => healthy && heldBy === null).length} of {devices.length} free
            </span>
          </div>
          <ul className="devices">
            {devices.map((device) => (
              <Cell key={device.id} device={device} />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function Cell({ device: { id, healthy, heldBy } }: { readonly device: Device }): ReactElement {
  const state = !healthy ? "broken" : heldBy === null ? "free" : heldBy.isForeign ? "foreign" : "held";
  return (
    <li data-state={state}>
      <code>{id}</code>
      <span className="cut" title={heldBy?.isForeign === true ? heldBy.name : undefined}>
        {!healthy && "unhealthy"}
        {healthy && heldBy === null && "free"}
        {heldBy?.isForeign === true && "another job"}
        {heldBy?.isForeign === false && (heldBy.serviceId === null ? heldBy.name : <Link href={`/services/${heldBy.serviceId}`}>{heldBy.name}</Link>)}
      </span>
    </li>
  );
}
