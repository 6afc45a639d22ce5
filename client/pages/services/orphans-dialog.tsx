/** The sessions that belong to no route: what they were, where and since when, and the word that stops them. */
import { Button, Modal } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useState, type ReactElement } from "react";
import { useChange } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import { StopOrphansDocument, type OrphansQuery } from "../../gql/graphql.ts";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";
import { Copy } from "../../parts/copy.tsx";
import { Ago } from "../../parts/time.tsx";
import { shortId } from "../service/short-id.ts";

type Orphan = NonNullable<OrphansQuery["installation"]["orphanSessions"]>[number];

type OrphansDialogProps = {
  readonly opened: boolean;
  readonly orphans: readonly Orphan[];
  readonly isStopping: boolean;
  readonly onClose: () => void;
  readonly onConfirmed: () => Promise<void>;
};

export function OrphansDialog({ opened, orphans, isStopping, onClose, onConfirmed }: OrphansDialogProps): ReactElement {
  const narrow = useMediaQuery("(max-width: 48em)") ?? false;
  const change = useChange();
  // As many as were looked at when the question was put: of others nobody has spoken.
  const [asked, setAsked] = useState<number | null>(null);
  const stop = async () => {
    const outcome = await change(StopOrphansDocument, { input: { count: asked ?? 0 } })
      .then((data) => outcomeOf(data.stopOrphans, "StopOrphansSuccess"))
      .catch(unreachable);
    await onConfirmed();
    return outcome;
  };
  return (
    <>
      <Modal opened={opened} onClose={onClose} title={<b>Sessions of no route</b>} size={820} fullScreen={narrow}>
        <div className="stack">
          <p>
            They run, but Serai’s database has no route for them, so they get no requests. After a restored backup they may be what should go on: then
            restore a newer one instead. Otherwise they are left over, and only hold machines.
          </p>
          {orphans.length === 0 ? <p role="status">There are none any more.</p> : <List orphans={orphans} />}
          <div className="line" style={{ justifyContent: "flex-end" }}>
            <Button variant="default" onClick={onClose}>
              Close
            </Button>
            {orphans.length > 0 && (
              <Button color="red" disabled={isStopping} onClick={() => setAsked(orphans.length)}>
                {isStopping ? "They are being stopped" : "Stop them"}
              </Button>
            )}
          </div>
        </div>
      </Modal>
      <ConfirmDialog
        opened={asked !== null}
        title={asked === 1 ? "Stop 1 session" : `Stop ${asked} sessions`}
        verb="Stop them"
        onConfirm={stop}
        onClose={() => setAsked(null)}
      >
        {asked === 1 ? "It is asked to end, and ended" : "Each is asked to end, and ended"} by force when it takes too long. What it holds in memory
        and what it serves to anybody past Serai is gone; it cannot be undone. Services and their routes are not touched.
      </ConfirmDialog>
    </>
  );
}

const notPlaced = "Not placed";

const List = ({ orphans }: { readonly orphans: readonly Orphan[] }): ReactElement => (
  <table className="table" aria-label="Sessions of no route">
    <thead>
      <tr>
        <th scope="col">Session</th>
        <th scope="col">Was of service</th>
        <th scope="col" className="middle">
          Node
        </th>
        <th scope="col" className="number">
          Since
        </th>
      </tr>
    </thead>
    <tbody>
      {orphans.map(({ sessionId, serviceName, node, since }) => (
        <tr key={sessionId}>
          <td>
            <span className="line" style={{ "--gap": "4px" }}>
              <code title={sessionId}>{shortId(sessionId)}</code>
              <Copy what={`session id ${shortId(sessionId)}`} text={sessionId} />
            </span>
          </td>
          <td style={{ overflowWrap: "anywhere" }}>
            {serviceName ?? <span className="soft">Not known</span>}
            <div className="narrow soft">{node === null ? notPlaced : `on ${node}`}</div>
          </td>
          <td className="middle">{node ?? <span className="soft">{notPlaced}</span>}</td>
          <td className="number">
            <Ago at={since} />
          </td>
        </tr>
      ))}
    </tbody>
  </table>
);
