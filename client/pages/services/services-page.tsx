/** The list of services: what serves, what does not, and the way to start one. The dialog to start has its own address. */
import { Button, TextInput } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { IconPlus, IconSearch } from "@tabler/icons-react";
import type { ReactElement } from "react";
import { useLocation, useSearchParams } from "wouter";
import { Blank } from "../../parts/blank.tsx";
import { NotLive } from "../../parts/not-live.tsx";
import { Waiting } from "../../parts/waiting.tsx";
import { StartDialog } from "../start/start-dialog.tsx";
import { readView, viewed, writeView, type ListView } from "./list-view.ts";
import { OrphansNotice } from "./orphans-notice.tsx";
import { ServicesTable } from "./services-table.tsx";
import { StatusFilter } from "./status-filter.tsx";
import { useServiceList } from "./use-service-list.tsx";

export function ServicesPage({ starting }: { readonly starting: boolean }): ReactElement {
  useDocumentTitle("Services · Serai");
  const list = useServiceList();
  const [, navigate] = useLocation();
  const [search, setSearch] = useSearchParams();
  const view = readView(search);
  const setView = (next: ListView) => setSearch(writeView(next), { replace: true });
  const withSearch = (path: string) => {
    const kept = writeView(view);
    return kept.size === 0 ? path : `${path}?${kept.toString()}`;
  };
  // From a folder: `/services?start=<folder>`, or `/services/new?folder=<folder>`.
  const folderId = search.get("start") ?? search.get("folder");
  const start = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => navigate(withSearch("/services/new"))}>
      Start service
    </Button>
  );

  return (
    <>
      <div className="page-head">
        <h1>Services</h1>
        {list.services.size > 0 && start}
      </div>
      <NotLive problem={list.problem} />
      <OrphansNotice />
      {!list.known && list.services.size === 0 ? (
        <Waiting rows={4} />
      ) : list.services.size === 0 ? (
        <div className="panel">
          <Blank
            title="No service yet"
            text="Put a model and its model-definition.yml into a folder of the kind Model, then start a service on it. It gets an endpoint that stays."
          >
            {start}
          </Blank>
        </div>
      ) : (
        <div className="stack" style={{ "--gap": "12px" }}>
          <div className="line" style={{ flexWrap: "wrap" }}>
            <TextInput
              aria-label="Filter by name"
              placeholder="Filter by name"
              leftSection={<IconSearch size={16} />}
              value={view.name}
              onChange={(event) => setView({ ...view, name: event.currentTarget.value })}
              w={220}
            />
            <StatusFilter services={list.services} view={view} onChange={setView} />
          </div>
          <ServicesTable services={list.services} rows={viewed(list.services.values(), view)} view={view} onView={setView} />
        </div>
      )}
      <StartDialog opened={starting || search.has("start")} folderId={folderId} onClose={() => navigate(withSearch("/services"))} />
    </>
  );
}
