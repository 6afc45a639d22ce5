/** What stands around every page: the rail, where one is, whose project it is, and whether what is shown is live. */
import "./frame.css";
import "./table.css";
import { IconFolder, IconLogout, IconServer2, IconSettings } from "@tabler/icons-react";
import type { ReactElement, ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { usePathname } from "wouter/use-browser-location";
import { useLiveness } from "../connection/liveness.ts";
import { useReading } from "../connection/operations.ts";
import { FolderNameDocument, type ViewerQuery } from "../gql/graphql.ts";
import { pathInAddress } from "../pages/edit/address.ts";
import { useServiceList } from "../pages/services/use-service-list.tsx";
import { useNow } from "./clock.ts";
import { Logo } from "./logo.tsx";
import { ThemeChoice } from "./theme-choice.tsx";
import { inOneUnit } from "./duration.ts";
import { exactly } from "./time.tsx";
import { plainly } from "./visible-name.ts";

type FrameProps = {
  /** Undefined while Serai cannot be reached. */
  readonly viewer: ViewerQuery["viewer"] | undefined;
  readonly onSignOut: () => void;
  readonly children: ReactNode;
};

const entries = [
  { href: "/services", label: "Services", icon: <IconServer2 size={18} stroke={1.5} aria-hidden /> },
  { href: "/folders", label: "Data & Folders", icon: <IconFolder size={18} stroke={1.5} aria-hidden /> },
];

const settings = { href: "/settings", label: "Settings", icon: <IconSettings size={18} stroke={1.5} aria-hidden /> };

export function Frame({ viewer, onSignOut, children }: FrameProps): ReactElement {
  const [location] = useLocation();
  return (
    <div className="frame">
      <nav className="rail" aria-label="Main">
        <Link href="/services" className="brand">
          <Logo />
          Serai
        </Link>
        {(viewer?.role === "ADMIN" ? [...entries, settings] : entries).map(({ href, label, icon }) => (
          <Link key={href} href={href} className="entry" aria-current={location.startsWith(href) ? "page" : undefined}>
            {icon}
            {label}
          </Link>
        ))}
        <button type="button" className="entry last" onClick={onSignOut}>
          <IconLogout size={18} stroke={1.5} aria-hidden />
          Sign out
        </button>
      </nav>
      <div>
        <header className="topbar">
          <Crumbs location={location} />
          {viewer !== undefined && <span className="soft project">Project {viewer.project.name}</span>}
          <Live />
          <ThemeChoice />
        </header>
        <main className="page">{children}</main>
      </div>
    </div>
  );
}

function Crumbs({ location }: { readonly location: string }): ReactElement {
  const [, place, id] = location.split("/");
  const first = [...entries, settings].find((entry) => entry.href === `/${place}`);
  const isInside = id !== undefined && id !== "" && id !== "new";
  return (
    <nav className="crumbs" aria-label="Breadcrumbs">
      <ol>
        {first !== undefined && <li>{isInside ? <Link href={first.href}>{first.label}</Link> : first.label}</li>}
        {isInside && (place === "folders" ? <FolderCrumbs key={id} id={id} /> : <ServiceCrumb id={id} />)}
      </ol>
    </nav>
  );
}

function ServiceCrumb({ id }: { readonly id: string }): ReactElement {
  const { services } = useServiceList();
  return <li aria-current="page">{services.get(id)?.name ?? id}</li>;
}

/** The folder, and the file of it that is being edited. Until its name is known there is nothing in its place. */
function FolderCrumbs({ id }: { readonly id: string }): ReactElement {
  const { data, error } = useReading(FolderNameDocument, { id });
  const path = pathInAddress(usePathname());
  const name = data?.folder?.name ?? (data === undefined && error === undefined ? "…" : id);
  return (
    <>
      <li aria-current={path === null ? "page" : undefined}>{path === null ? name : <Link href={`/folders/${id}`}>{name}</Link>}</li>
      {path !== null && <li aria-current="page">{plainly(path)}</li>}
    </>
  );
}

function Live(): ReactElement {
  const liveness = useLiveness();
  if (liveness.kind === "live") {
    return (
      <span className="live" data-tone="green" role="status">
        live
      </span>
    );
  }
  return (
    <span className="live" data-tone="amber">
      <span role="status">reconnecting</span>
      {liveness.since !== null && <Old since={liveness.since} />}
    </span>
  );
}

/** Outside of the live region, or a screen reader would count the seconds aloud. */
function Old({ since }: { readonly since: number }): ReactElement {
  const seconds = (useNow() - since) / 1000;
  return <span className="numeric" title={`Last known at ${exactly(since)}`}>{`· data ${inOneUnit(seconds)} old`}</span>;
}
