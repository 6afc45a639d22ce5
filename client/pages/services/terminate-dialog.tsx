/** Terminating cannot be undone: it says what ends and for whom, and asks for the name. */
import { notifications } from "@mantine/notifications";
import type { ReactElement } from "react";
import { useChange } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import { TerminateServiceDocument } from "../../gql/graphql.ts";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";

type Terminable = { readonly id: string; readonly name: string; readonly endpoint: string; readonly routeCounts: { readonly total: number } };
type TerminateDialogProps = { readonly service: Terminable | null; readonly onClose: () => void };

export function TerminateDialog({ service, onClose }: TerminateDialogProps): ReactElement {
  const change = useChange();
  const total = service?.routeCounts.total;
  const terminate = async () => {
    const outcome = await change(TerminateServiceDocument, { input: { id: service?.id ?? "" } })
      .then((data) => outcomeOf(data.terminateService, "TerminateServiceSuccess"))
      .catch(unreachable);
    if (outcome.ok) notifications.show({ message: `${service?.name} is being terminated.` });
    return outcome;
  };
  return (
    <ConfirmDialog
      opened={service !== null}
      title="Terminate service"
      verb="Terminate"
      name={service?.name ?? ""}
      onConfirm={terminate}
      onClose={onClose}
    >
      {total === 0
        ? "The service ends"
        : total === 1
          ? "Its route finishes the requests it has and ends"
          : `Its ${total} routes finish the requests they have and end`}
      . Everyone who calls <code style={{ overflowWrap: "anywhere" }}>{service?.endpoint}</code> gets an error from then on, and its tokens stop
      working. The model folder stays as it is. This cannot be undone.
    </ConfirmDialog>
  );
}
