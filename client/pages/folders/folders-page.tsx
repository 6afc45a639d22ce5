/** Data & Folders: where models and their definitions lie, and the trash. What others change appears by itself. */
import { Button, Tabs, TextInput } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { IconPlus, IconSearch } from "@tabler/icons-react";
import { useCallback, useState, type ReactElement } from "react";
import { useSearchParams } from "wouter";
import { unreachable } from "../../connection/outcome.ts";
import type { FolderItemFragment } from "../../gql/graphql.ts";
import { Blank } from "../../parts/blank.tsx";
import { NotLive } from "../../parts/not-live.tsx";
import { Waiting } from "../../parts/waiting.tsx";
import { CreateFolderDialog } from "./create-folder-dialog.tsx";
import { FolderSettingsDialog } from "./folder-settings-dialog.tsx";
import { FoldersTable } from "./folders-table.tsx";
import { readFolderView, viewedFolders, writeFolderView, type FolderTab, type FolderView } from "./folders-view.ts";
import { TrashTable } from "./trash-table.tsx";
import { useFolderTrash } from "./use-folder-trash.tsx";
import { useFolders } from "./use-folders.ts";

const labels: Record<FolderTab, string> = { general: "General", model: "Model", trash: "Trash" };
const blank: Record<FolderTab, { readonly title: string; readonly text: string }> = {
  model: {
    title: "No model folder yet",
    text: "A model folder holds a model and its model-definition.yml. Create one, put the files into it, then start a service on it.",
  },
  general: { title: "No general folder yet", text: "A general folder holds data of any kind. Services can mount it beside their model." },
  trash: { title: "The trash is empty", text: "Deleted folders lie here until they are restored or deleted for good." },
};
/** From so many on it is quicker to type than to look. */
const filteredFrom = 8;

export function FoldersPage(): ReactElement {
  useDocumentTitle("Data & Folders · Serai");
  const [search, setSearch] = useSearchParams();
  const view = readFolderView(search);
  const setView = (next: FolderView) => setSearch(writeFolderView(next), { replace: true });
  const { value: folders, problem, again } = useFolders();
  const changed = useCallback(() => void again(), [again]);
  const { remove, restore } = useFolderTrash(changed);
  const [creating, setCreating] = useState(false);
  const [changing, setChanging] = useState<FolderItemFragment | null>(null);

  const inTab: Record<FolderTab, readonly FolderItemFragment[] | undefined> = {
    general: folders?.live.filter(({ usage }) => usage === "GENERAL"),
    model: folders?.live.filter(({ usage }) => usage === "MODEL"),
    trash: folders?.trashed,
  };
  const all = inTab[view.tab];
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
      <NotLive problem={problem === undefined ? null : unreachable(problem).message} />
      <Tabs
        value={view.tab}
        onChange={(tab) => setView({ ...view, tab: tab as FolderTab, name: "" })}
        color="var(--ink)"
        keepMounted={false}
        activateTabWithKeyboard
      >
        <Tabs.List mb="md">
          {(["general", "model", "trash"] as const).map((tab) => (
            <Tabs.Tab key={tab} value={tab}>
              {labels[tab]} <span className="soft numeric">{inTab[tab]?.length ?? ""}</span>
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={view.tab}>
          {all === undefined ? (
            problem === undefined && <Waiting rows={3} />
          ) : all.length === 0 ? (
            <div className="panel">
              <Blank {...blank[view.tab]}>{view.tab !== "trash" && create}</Blank>
            </div>
          ) : (
            <div className="stack" style={{ "--gap": "12px" }}>
              {(all.length >= filteredFrom || view.name !== "") && (
                <TextInput
                  aria-label="Filter by name"
                  placeholder="Filter by name"
                  leftSection={<IconSearch size={16} />}
                  value={view.name}
                  onChange={(event) => setView({ ...view, name: event.currentTarget.value })}
                  w={220}
                />
              )}
              {view.tab === "trash" ? (
                <TrashTable folders={viewedFolders(all, view)} all={all} onRestore={restore} onChanged={changed} />
              ) : (
                <FoldersTable
                  folders={viewedFolders(all, view)}
                  view={view}
                  onView={setView}
                  onChange={setChanging}
                  onDelete={(folder) => void remove(folder)}
                />
              )}
            </div>
          )}
        </Tabs.Panel>
      </Tabs>
      <CreateFolderDialog
        opened={creating}
        usage={view.tab === "general" ? "GENERAL" : "MODEL"}
        onClose={() => setCreating(false)}
        onCreated={(folder) => {
          changed();
          setView({ ...view, name: "", tab: folder.usage === "GENERAL" ? "general" : "model" });
        }}
      />
      <FolderSettingsDialog folder={changing} onClose={() => setChanging(null)} onChanged={changed} />
    </>
  );
}
