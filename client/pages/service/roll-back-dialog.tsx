/** Going back to a revision that the service has had: says what that changes, and what it does not bring back. */
import type { ReactElement } from "react";
import { useAnswer } from "../../connection/answer.ts";
import { useChange } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import { RevisionDifferencesDocument, RollBackServiceDocument, type RevisionItemFragment } from "../../gql/graphql.ts";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";
import { Differences } from "../../parts/differences.tsx";
import type { ServiceDetail } from "./service-detail.ts";

type RollBackDialogProps = { readonly service: ServiceDetail; readonly revision: RevisionItemFragment | null; readonly onClose: () => void };

export function RollBackDialog({ service, revision, onClose }: RollBackDialogProps): ReactElement {
  const change = useChange();
  const isLater = revision !== null && revision.number > service.revision.number;
  const rollBack = () =>
    change(RollBackServiceDocument, { input: { id: service.id, revisionId: revision?.id ?? "" } })
      .then((data) => outcomeOf(data.rollBackService, "RollBackServiceSuccess"))
      .catch(unreachable);
  return (
    <ConfirmDialog
      opened={revision !== null}
      title={isLater ? `Roll out revision ${revision.number} again` : `Roll back to revision ${revision?.number}`}
      verb={isLater ? "Roll out" : "Roll back"}
      isHarmless
      onConfirm={rollBack}
      onClose={onClose}
    >
      {revision !== null && (
        <div className="stack" style={{ "--gap": "12px" }}>
          <p>
            Routes of revision {revision.number} take the place of those of revision {service.revision.number}, as the rollout policy has it. If they
            do not come up, it is taken back by itself.
          </p>
          <Comparison revision={revision} currentId={service.revision.id} />
          <p>
            A revision holds the definition and the settings, not the files: files in folders are not restored, routes find them as they are now. The
            number of routes, the name and tokens stay as they are.
          </p>
        </div>
      )}
    </ConfirmDialog>
  );
}

/** What changes, from what is current. */
function Comparison({ revision, currentId }: { readonly revision: RevisionItemFragment; readonly currentId: string }): ReactElement | null {
  const { data } = useAnswer(RevisionDifferencesDocument, { id: revision.id, to: currentId }, "");
  const differences = data?.node?.__typename === "Revision" ? data.node.differences : [];
  return differences.length === 0 ? null : <Differences differences={differences} />;
}
