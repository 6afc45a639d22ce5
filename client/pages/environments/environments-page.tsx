/** The catalogue of what services can run in, for administrators. */
import "./environments.css";
import { Button } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconPlus } from "@tabler/icons-react";
import { useCallback, useState, type ReactElement } from "react";
import { useFresh } from "../../connection/fresh.ts";
import { useChange, useQuestion } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import { DeleteEnvironmentDocument, EnvironmentsDocument, SetDefaultEnvironmentDocument, type EnvironmentItemFragment } from "../../gql/graphql.ts";
import { Blank } from "../../parts/blank.tsx";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";
import { NotLive } from "../../parts/not-live.tsx";
import { Waiting } from "../../parts/waiting.tsx";
import { ForAdministrators } from "../settings/for-administrators.tsx";
import { EnvironmentDialog, type Edited } from "./environment-dialog.tsx";
import { EnvironmentsTable } from "./environments-table.tsx";

const everyMs = 5_000;

export default function EnvironmentsPage(): ReactElement {
  useDocumentTitle("Environments · Serai");
  return (
    <ForAdministrators>
      <Catalogue />
    </ForAdministrators>
  );
}

function Catalogue(): ReactElement {
  const change = useChange();
  const ask = useQuestion();
  const read = useCallback(async () => (await ask(EnvironmentsDocument, {})).environments, [ask]);
  const { value: environments, problem, again } = useFresh("environments", read, everyMs);
  const changed = () => void again();
  const [edited, setEdited] = useState<Edited | null>(null);
  const [deleting, setDeleting] = useState<EnvironmentItemFragment | null>(null);

  const makeDefault = async ({ id, name }: EnvironmentItemFragment) => {
    const outcome = await change(SetDefaultEnvironmentDocument, { input: { id } })
      .then(({ setDefaultEnvironment: result }) => outcomeOf(result, "SetDefaultEnvironmentSuccess"))
      .catch(unreachable);
    notifications.show({ message: outcome.ok ? `Services that name no environment get ${name} from now on.` : outcome.message });
    changed();
  };
  const remove = async () => {
    const outcome = await change(DeleteEnvironmentDocument, { input: { id: deleting?.id ?? "" } })
      .then(({ deleteEnvironment: result }) => outcomeOf(result, "DeleteEnvironmentSuccess"))
      .catch(unreachable);
    changed();
    return outcome;
  };
  const add = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setEdited({ kind: "new", from: null })}>
      Add environment
    </Button>
  );
  return (
    <>
      <div className="page-head">
        <h1>Environments</h1>
        {add}
      </div>
      <NotLive problem={problem === undefined ? null : unreachable(problem).message} />
      {environments === undefined ? (
        problem === undefined && <Waiting rows={6} />
      ) : environments.length === 0 ? (
        <div className="panel">
          <Blank
            title="No environment yet"
            text="An environment is what a service runs in: a container image, or the programs of the machine itself."
          >
            {add}
          </Blank>
        </div>
      ) : (
        <EnvironmentsTable
          environments={[...Map.groupBy(environments, ({ runtime }) => runtime).values()].flat()}
          onModify={(one) => setEdited({ kind: "old", one })}
          onCopy={(from) => setEdited({ kind: "new", from })}
          onDefault={(one) => void makeDefault(one)}
          onDelete={setDeleting}
        />
      )}
      <EnvironmentDialog edited={edited} onClose={() => setEdited(null)} onChanged={changed} />
      <ConfirmDialog
        opened={deleting !== null}
        title={`Delete ${deleting?.name ?? ""}`}
        verb="Delete"
        onConfirm={remove}
        onClose={() => setDeleting(null)}
      >
        <p>
          Nobody can choose it any more.{" "}
          {(deleting?.serviceCount ?? 0) > 0 &&
            `${deleting?.serviceCount === 1 ? "1 service is in it and goes" : `${deleting?.serviceCount} services are in it and go`} on as before.`}
        </p>
      </ConfirmDialog>
    </>
  );
}
