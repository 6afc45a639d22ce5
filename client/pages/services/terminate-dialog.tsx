/** Terminating cannot be undone: it says what ends and for whom, and asks for the name. */
import { Button, Modal, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState, type ReactElement } from "react";
import { useChange } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import { TerminateServiceDocument } from "../../gql/graphql.ts";
import { Notice } from "../../parts/notice.tsx";

type Terminable = { readonly id: string; readonly name: string; readonly endpoint: string; readonly routeCounts: { readonly total: number } };
type TerminateDialogProps = { readonly service: Terminable | null; readonly onClose: () => void };

export function TerminateDialog({ service, onClose }: TerminateDialogProps): ReactElement {
  return (
    <Modal opened={service !== null} onClose={onClose} title={<b>Terminate service</b>} centered>
      {service !== null && <Content key={service.id} service={service} onClose={onClose} />}
    </Modal>
  );
}

function Content({ service, onClose }: { readonly service: Terminable; readonly onClose: () => void }): ReactElement {
  const change = useChange();
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState<string | null>(null);
  const { total } = service.routeCounts;

  const terminate = async () => {
    setBusy(true);
    const outcome = await change(TerminateServiceDocument, { input: { id: service.id } })
      .then((data) => outcomeOf(data.terminateService, "TerminateServiceSuccess"))
      .catch(unreachable);
    setBusy(false);
    if (!outcome.ok) return setMessage(outcome.message);
    notifications.show({ message: `${service.name} is being terminated.` });
    onClose();
  };

  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (typed === service.name) void terminate();
      }}
    >
      <Notice tone="red">{message}</Notice>
      <p>
        {total === 0
          ? "The service ends"
          : total === 1
            ? "Its route finishes the requests it has and ends"
            : `Its ${total} routes finish the requests they have and end`}
        . Everyone who calls <code style={{ overflowWrap: "anywhere" }}>{service.endpoint}</code> gets an error from then on, and its tokens stop
        working. The model folder stays as it is. This cannot be undone.
      </p>
      <TextInput
        label={
          <>
            Type <code>{service.name}</code> to confirm
          </>
        }
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
        data-autofocus
      />
      <div className="line" style={{ justifyContent: "flex-end" }}>
        <Button variant="default" onClick={onClose}>
          Keep it
        </Button>
        <Button type="submit" color="red" disabled={typed !== service.name} loading={busy}>
          Terminate
        </Button>
      </div>
    </form>
  );
}
