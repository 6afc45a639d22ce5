/** Deleting a resource group: nothing that runs is touched, and one that a service is to run on is refused. */
import type { ReactElement } from "react";
import { useChange } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import { DeleteResourceGroupDocument, type ResourceGroupItemFragment } from "../../gql/graphql.ts";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";

type DeleteGroupDialogProps = {
  readonly group: ResourceGroupItemFragment | null;
  /** All of them: services that name none get the first. */
  readonly groups: readonly ResourceGroupItemFragment[];
  readonly onClose: () => void;
};

export function DeleteGroupDialog({ group, groups, onClose }: DeleteGroupDialogProps): ReactElement {
  const change = useChange();
  const remove = () =>
    change(DeleteResourceGroupDocument, { input: { id: group?.id ?? "" } })
      .then((data) => outcomeOf(data.deleteResourceGroup, "DeleteResourceGroupSuccess"))
      .catch(unreachable);
  const [first, second] = groups;
  return (
    <ConfirmDialog opened={group !== null} title={`Delete ${group?.name ?? ""}`} verb="Delete" onConfirm={remove} onClose={onClose}>
      <p>
        Nobody can choose it any more; its nodes stay as they are.
        {first?.id === group?.id &&
          (second === undefined
            ? " It is the only one: no service can be started until there is another."
            : ` Services that name no group get ${second.name} from now on.`)}
      </p>
    </ConfirmDialog>
  );
}
