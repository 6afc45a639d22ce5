/** One row for each registry. No password is ever shown: Serai gives none back. */
import { ActionIcon } from "@mantine/core";
import { IconKey, IconTrash } from "@tabler/icons-react";
import type { ReactElement } from "react";
import type { ImageRegistryItemFragment } from "../../gql/graphql.ts";
import { Ago } from "../../parts/time.tsx";

type RegistriesTableProps = {
  readonly registries: readonly ImageRegistryItemFragment[];
  readonly onChange: (registry: ImageRegistryItemFragment) => void;
  readonly onDelete: (registry: ImageRegistryItemFragment) => void;
};

export function RegistriesTable({ registries, onChange, onDelete }: RegistriesTableProps): ReactElement {
  return (
    <table className="table" aria-label="Image registries">
      <thead>
        <tr>
          <th scope="col">Host</th>
          <th scope="col">User name</th>
          <th scope="col" className="middle">
            Added
          </th>
          <th scope="col" className="number">
            Control
          </th>
        </tr>
      </thead>
      <tbody>
        {registries.map((registry) => (
          <tr key={registry.id}>
            <td style={{ fontWeight: 500, overflowWrap: "anywhere" }}>
              <code>{registry.host}</code>
            </td>
            <td style={{ overflowWrap: "anywhere" }}>{registry.username}</td>
            <td className="middle soft">
              <Ago at={registry.createdAt} />
            </td>
            <td>
              <span className="line" style={{ justifyContent: "flex-end", "--gap": "4px" }}>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size="lg"
                  aria-label={`Change the credentials of ${registry.host}`}
                  title="Change credentials"
                  onClick={() => onChange(registry)}
                >
                  <IconKey size={16} stroke={1.5} />
                </ActionIcon>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size="lg"
                  aria-label={`Delete ${registry.host}`}
                  title="Delete"
                  onClick={() => onDelete(registry)}
                >
                  <IconTrash size={16} stroke={1.5} />
                </ActionIcon>
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
