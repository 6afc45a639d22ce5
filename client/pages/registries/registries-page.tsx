/** Image registries, for administrators: where images are pulled from with a name and a password. What others change appears by itself. */
import { Button } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { useCallback, useState, type ReactElement } from "react";
import { useFresh } from "../../connection/fresh.ts";
import { useQuestion } from "../../connection/operations.ts";
import { unreachable } from "../../connection/outcome.ts";
import { ImageRegistriesDocument, type ImageRegistryItemFragment } from "../../gql/graphql.ts";
import { Blank } from "../../parts/blank.tsx";
import { NotLive } from "../../parts/not-live.tsx";
import { Waiting } from "../../parts/waiting.tsx";
import { DeleteRegistryDialog } from "./delete-registry-dialog.tsx";
import { RegistriesTable } from "./registries-table.tsx";
import { RegistryDialog } from "./registry-dialog.tsx";

const everyMs = 5_000;
const what = "A registry that lets nobody in without a name and a password: its images are pulled with those that are given here.";

export function RegistriesPage(): ReactElement {
  useDocumentTitle("Image registries · Serai");
  const ask = useQuestion();
  const read = useCallback(async () => (await ask(ImageRegistriesDocument, {})).imageRegistries, [ask]);
  const { value: registries, problem, again } = useFresh("registries", read, everyMs);
  const [adding, setAdding] = useState(false);
  const [changing, setChanging] = useState<ImageRegistryItemFragment | null>(null);
  const [deleting, setDeleting] = useState<ImageRegistryItemFragment | null>(null);
  const changed = () => void again();
  if (registries === null) return <Blank title="For administrators" text="Only they may see and change the credentials of image registries." />;

  const add = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
      Add registry
    </Button>
  );
  return (
    <>
      <div className="page-head">
        <h1>Image registries</h1>
        {registries !== undefined && registries.length > 0 && add}
      </div>
      <NotLive problem={problem === undefined ? null : unreachable(problem).message} />
      {registries === undefined ? (
        <Waiting rows={3} />
      ) : registries.length === 0 ? (
        <div className="panel">
          <Blank title="No registry yet" text={`${what} Images of all others are pulled without.`}>
            {add}
          </Blank>
        </div>
      ) : (
        <RegistriesTable registries={registries} onChange={setChanging} onDelete={setDeleting} />
      )}
      <RegistryDialog
        opened={adding || changing !== null}
        registry={changing}
        onClose={() => (setAdding(false), setChanging(null))}
        onChanged={changed}
      />
      <DeleteRegistryDialog registry={deleting} onClose={() => setDeleting(null)} onChanged={changed} />
    </>
  );
}
