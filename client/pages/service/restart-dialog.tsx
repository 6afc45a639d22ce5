/** Restarting all routes of a service: says how, and what callers notice. */
import type { ReactElement } from "react";
import { useChange } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import { RestartServiceDocument } from "../../gql/graphql.ts";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";
import type { ServiceDetail } from "./service-detail.ts";

type RestartDialogProps = { readonly opened: boolean; readonly service: ServiceDetail; readonly onClose: () => void };

export function RestartDialog({ opened, service, onClose }: RestartDialogProps): ReactElement {
  const change = useChange();
  const restart = () =>
    change(RestartServiceDocument, { input: { id: service.id } })
      .then((data) => outcomeOf(data.restartService, "RestartServiceSuccess"))
      .catch(unreachable);
  const { number } = service.revision;
  return (
    <ConfirmDialog opened={opened} title="Restart all routes" verb="Restart" isHarmless onConfirm={restart} onClose={onClose}>
      {service.routeCounts.total === 1 ? "Its route is" : `Its ${service.routeCounts.total} routes are`} replaced by new ones of revision {number}
      {service.routeCounts.total === 1 ? "" : ", one after another"}. Where there is room, a new one is healthy before an old one ends, and callers
      notice nothing; where there is none, each takes over the place of the one that ends, and requests wait meanwhile. If a new one does not come up,
      the restart is taken back, and what serves stays.
    </ConfirmDialog>
  );
}
