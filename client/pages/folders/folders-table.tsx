/** Folders of one usage, by name, with what can be done with each. */
import { ActionIcon, Button } from "@mantine/core";
import { IconFileText, IconTrash } from "@tabler/icons-react";
import { useState, type ReactElement } from "react";
import { Link } from "wouter";
import type { FolderItemFragment, FolderUsage } from "../../gql/graphql.ts";
import { Blank } from "../../parts/blank.tsx";
import { Ago } from "../../parts/time.tsx";
import { editAddress } from "../edit/address.ts";
import { DeleteFolderDialog } from "./delete-folder-dialog.tsx";

type FoldersTableProps = {
  readonly folders: readonly FolderItemFragment[];
  readonly usage: FolderUsage;
  readonly onCreate: () => void;
};

const blankText: Record<FolderUsage, string> = {
  MODEL: "A model folder holds a model and its model-definition.yml. Create one, write the definition, then start a service on it.",
  GENERAL: "A general folder holds data of any kind. No service can be started on it.",
};

export function FoldersTable({ folders, usage, onCreate }: FoldersTableProps): ReactElement {
  const [deleting, setDeleting] = useState<FolderItemFragment | null>(null);
  if (folders.length === 0) {
    return (
      <div className="panel">
        <Blank title={usage === "MODEL" ? "No model folder yet" : "No general folder yet"} text={blankText[usage]}>
          <Button onClick={onCreate}>Create folder</Button>
        </Blank>
      </div>
    );
  }
  return (
    <div className="panel">
      <table className="table" aria-label="Folders">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col" className="middle">
              Owner
            </th>
            <th scope="col" className="middle">
              Created
            </th>
            <th scope="col" className="number">
              Control
            </th>
          </tr>
        </thead>
        <tbody>
          {[...folders]
            .sort((a, b) => a.name.localeCompare(b.name))
            .map((folder) => (
              <tr key={folder.id}>
                <td style={{ fontWeight: 500, overflowWrap: "anywhere" }}>{folder.name}</td>
                <td className="middle">{folder.createdBy.name}</td>
                <td className="middle soft">
                  <Ago at={folder.createdAt} />
                </td>
                <td>
                  <span className="line" style={{ justifyContent: "flex-end" }}>
                    {usage === "MODEL" && (
                      <Button
                        component={Link}
                        href={editAddress(folder.id, "model-definition.yml")}
                        variant="default"
                        size="compact-sm"
                        leftSection={<IconFileText size={16} stroke={1.5} />}
                      >
                        Write definition
                      </Button>
                    )}
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      size="lg"
                      aria-label={`Delete ${folder.name}`}
                      title="Delete"
                      onClick={() => setDeleting(folder)}
                    >
                      <IconTrash size={18} stroke={1.5} />
                    </ActionIcon>
                  </span>
                </td>
              </tr>
            ))}
        </tbody>
      </table>
      {usage === "MODEL" && (
        <p className="soft" style={{ padding: "12px 16px", borderTop: "1px solid var(--line)" }}>
          A folder with a definition can be served: <Link href="/services/new">start a service</Link>.
        </p>
      )}
      <DeleteFolderDialog folder={deleting} onClose={() => setDeleting(null)} />
    </div>
  );
}
