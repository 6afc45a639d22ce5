/** Data & Folders: where models and their definitions lie. Read again when the window is looked at again. */
import { Button, Tabs } from "@mantine/core";
import { useDocumentTitle, useWindowEvent } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { useEffect, useState, type ReactElement } from "react";
import { useSearchParams } from "wouter";
import { useLiveness } from "../../connection/liveness.ts";
import { explain, useReading } from "../../connection/operations.ts";
import { FoldersDocument, type FolderUsage } from "../../gql/graphql.ts";
import { Notice } from "../../parts/notice.tsx";
import { Waiting } from "../../parts/waiting.tsx";
import { CreateFolderDialog } from "./create-folder-dialog.tsx";
import { FoldersTable } from "./folders-table.tsx";

export function FoldersPage(): ReactElement {
  useDocumentTitle("Data & Folders · Serai");
  const [search, setSearch] = useSearchParams();
  const usage: FolderUsage = search.get("usage") === "GENERAL" ? "GENERAL" : "MODEL";
  const { data, error, again } = useReading(FoldersDocument, {});
  const [creating, setCreating] = useState(false);
  const live = useLiveness().kind === "live";
  useWindowEvent("focus", again);
  useEffect(() => {
    if (live) again();
  }, [live, again]);

  const folders = data?.folders.edges.map(({ node }) => node);
  const countOf = (wanted: FolderUsage) => folders?.filter((folder) => folder.usage === wanted).length;
  const create = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setCreating(true)}>
      Create folder
    </Button>
  );
  return (
    <>
      <div className="page-head">
        <h1>Data & Folders</h1>
        {create}
      </div>
      <Tabs value={usage} onChange={(tab) => setSearch(tab === "GENERAL" ? { usage: tab } : {}, { replace: true })} color="var(--ink)">
        <Tabs.List mb="md">
          <Tab usage="GENERAL" label="General" count={countOf("GENERAL")} />
          <Tab usage="MODEL" label="Model" count={countOf("MODEL")} />
        </Tabs.List>
        <Tabs.Panel value={usage}>
          {folders === undefined ? (
            error === undefined ? (
              <Waiting rows={3} />
            ) : (
              <Notice tone="red">{explain(error)}</Notice>
            )
          ) : (
            <FoldersTable
              folders={folders.filter((folder) => folder.usage === usage)}
              usage={usage}
              onCreate={() => setCreating(true)}
            />
          )}
        </Tabs.Panel>
      </Tabs>
      <CreateFolderDialog
        opened={creating}
        usage={usage}
        onClose={() => setCreating(false)}
        onCreated={(folder) => setSearch(folder.usage === "GENERAL" ? { usage: "GENERAL" } : {}, { replace: true })}
      />
    </>
  );
}

type TabProps = { readonly usage: FolderUsage; readonly label: string; readonly count: number | undefined };

const Tab = ({ usage, label, count }: TabProps): ReactElement => (
  <Tabs.Tab value={usage}>
    {label} <span className="soft numeric">{count ?? ""}</span>
  </Tabs.Tab>
);
