/** Deleting a registry's credentials: says who will notice, and when. */
import type { ReactElement } from "react";
import { useChange } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import { DeleteImageRegistryDocument, type ImageRegistryItemFragment } from "../../gql/graphql.ts";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";

type DeleteRegistryDialogProps = {
  readonly registry: ImageRegistryItemFragment | null;
  readonly onClose: () => void;
  readonly onChanged: () => void;
};

export function DeleteRegistryDialog({ registry, onClose, onChanged }: DeleteRegistryDialogProps): ReactElement {
  const change = useChange();
  const remove = async () => {
    const outcome = await change(DeleteImageRegistryDocument, { input: { id: registry?.id ?? "" } })
      .then((data) => outcomeOf(data.deleteImageRegistry, "DeleteImageRegistrySuccess"))
      .catch(unreachable);
    onChanged();
    return outcome;
  };
  return (
    <ConfirmDialog opened={registry !== null} title="Delete image registry" verb="Delete" onConfirm={remove} onClose={onClose}>
      What runs goes on. Sessions that start later pull images of <b>{registry?.host}</b> without credentials, and fail where it wants some. The
      password cannot be had back.
    </ConfirmDialog>
  );
}
