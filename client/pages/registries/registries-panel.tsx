/** Image registries, for administrators: where images are pulled from with a name and a password. */
import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState, type ReactElement } from "react";
import { useReading } from "../../connection/operations.ts";
import { ImageRegistriesDocument, type ImageRegistryItemFragment } from "../../gql/graphql.ts";
import { DeleteRegistryDialog } from "./delete-registry-dialog.tsx";
import { RegistriesTable } from "./registries-table.tsx";
import { RegistryDialog } from "./registry-dialog.tsx";

export function RegistriesPanel(): ReactElement {
  const { data, again } = useReading(ImageRegistriesDocument, {});
  const [adding, setAdding] = useState(false);
  const [changing, setChanging] = useState<ImageRegistryItemFragment | null>(null);
  const [deleting, setDeleting] = useState<ImageRegistryItemFragment | null>(null);
  const registries = data?.imageRegistries ?? [];
  return (
    <section className="panel" aria-labelledby="image-registries">
      <header>
        <h2 id="image-registries">Image registries</h2>
        <Button variant="default" size="compact-md" leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
          Add registry
        </Button>
      </header>
      <p className="soft" style={{ padding: registries.length === 0 ? "12px 16px" : "12px 16px 0" }}>
        Images of these registries are pulled with a name and a password, those of all others without.
        {data !== undefined && registries.length === 0 && " There are none yet."}
      </p>
      {registries.length > 0 && <RegistriesTable registries={registries} onChange={setChanging} onDelete={setDeleting} />}
      <RegistryDialog title="Add image registry" opened={adding} registry={null} onClose={() => setAdding(false)} onChanged={again} />
      <RegistryDialog title="Change credentials" opened={changing !== null} registry={changing} onClose={() => setChanging(null)} onChanged={again} />
      <DeleteRegistryDialog registry={deleting} onClose={() => setDeleting(null)} onChanged={again} />
    </section>
  );
}
