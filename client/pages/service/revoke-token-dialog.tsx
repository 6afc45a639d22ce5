/** Revoking a token: says who will notice. */
import type { ReactElement } from "react";
import { useChange } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import { RevokeTokenDocument, type TokenItemFragment } from "../../gql/graphql.ts";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";

type RevokeTokenDialogProps = { readonly token: TokenItemFragment | null; readonly onClose: () => void };

export function RevokeTokenDialog({ token, onClose }: RevokeTokenDialogProps): ReactElement {
  const change = useChange();
  const revoke = () =>
    change(RevokeTokenDocument, { input: { id: token?.id ?? "" } })
      .then((data) => outcomeOf(data.revokeToken, "RevokeTokenSuccess"))
      .catch(unreachable);
  return (
    <ConfirmDialog opened={token !== null} title="Revoke token" verb="Revoke" onConfirm={revoke} onClose={onClose}>
      Within a second, every client that uses <b>{token?.name}</b> is answered 401. This cannot be undone; a new token can be created at any time.
    </ConfirmDialog>
  );
}
