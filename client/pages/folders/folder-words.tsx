/** What is said of a folder wherever it is shown: how full it is, who uses it, what may be done with it. */
import "./folders.css";
import type { ReactElement } from "react";
import { Link } from "wouter";
import type { FolderPermission, ServiceStatus } from "../../gql/graphql.ts";
import { inBytes } from "../../parts/bytes.ts";
import { Status } from "../../parts/status.tsx";

export const permissionWord: Record<FolderPermission, string> = { READ_WRITE: "Read and write", READ_ONLY: "Read only" };

/** From here on a quota needs a look. */
const nearlyFull = 0.9;

export function UsedBytes({ used, quota }: { readonly used: number | null; readonly quota: number | null }): ReactElement {
  const part = used === null || quota === null ? 0 : used / Math.max(1, quota);
  const tone = part >= 1 ? "red" : part >= nearlyFull ? "amber" : "grey";
  return (
    <span className="unbroken numeric" title={used === null ? "Not measured yet" : `${used.toLocaleString("en")} bytes`}>
      {used === null ? "not measured" : inBytes(used)}
      {quota !== null && <span className="soft"> of {inBytes(quota)}</span>}
      {quota !== null && used !== null && (
        <span className="gauge" data-tone={tone} aria-hidden>
          <span style={{ width: `${Math.min(100, part * 100)}%` }} />
        </span>
      )}
    </span>
  );
}

type User = { readonly id: string; readonly name: string; readonly status: ServiceStatus };
const shownMax = 3;

export function UsedBy({ services }: { readonly services: readonly User[] }): ReactElement {
  if (services.length === 0) return <span className="soft">none</span>;
  return (
    <span className="line" style={{ flexWrap: "wrap", "--gap": "4px 12px" }}>
      {services.slice(0, shownMax).map((service) => (
        <Link key={service.id} href={`/services/${service.id}`} className="above using">
          <Status status={service.status} of={service.name} />
        </Link>
      ))}
      {services.length > shownMax && (
        <span className="soft" title={services.map(({ name }) => name).join(", ")}>
          and {services.length - shownMax} more
        </span>
      )}
    </span>
  );
}
