/** What an administrator can do with a machine. Asked before is what touches what runs there; the rest is undone with one press. */
import { Button } from "@mantine/core";
import { useState, type ReactElement } from "react";
import { useChange } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import { DrainNodeDocument, MakeNodeEligibleDocument, MakeNodeIneligibleDocument, type NodeItemFragment } from "../../gql/graphql.ts";
import { counted } from "../../parts/bytes.ts";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";
import { Notice } from "../../parts/notice.tsx";
import { useWish } from "../service/use-wish.ts";
import { holdersInWords, type Holder } from "./node-state.ts";

type NodeActionsProps = { readonly node: NodeItemFragment; readonly holders: readonly Holder[] };
type Asked = "drain" | "takeOut" | "endDrain";

export function NodeActions({ node, holders }: NodeActionsProps): ReactElement {
  const { id, name, wish, eligible, draining, status } = node;
  const change = useChange();
  const [asking, setAsking] = useState<Asked | null>(null);
  const input = { id };
  const drain = () => change(DrainNodeDocument, { input }).then((data) => outcomeOf(data.drainNode, "DrainNodeSuccess"));
  const takeOut = () => change(MakeNodeIneligibleDocument, { input }).then((data) => outcomeOf(data.makeNodeIneligible, "MakeNodeIneligibleSuccess"));
  const putBack = () => change(MakeNodeEligibleDocument, { input }).then((data) => outcomeOf(data.makeNodeEligible, "MakeNodeEligibleSuccess"));
  const puttingBack = useWish(putBack);
  const isOut = (wish !== null && wish.kind !== "ELIGIBLE") || (!eligible && status === "READY");
  const close = () => setAsking(null);
  return (
    <div className="stack" style={{ "--gap": "8px" }}>
      <div className="line" style={{ flexWrap: "wrap" }}>
        {wish?.kind !== "DRAINED" && (
          <Button variant="default" size="compact-md" onClick={() => setAsking("drain")} aria-label={`Drain ${name}`}>
            Drain
          </Button>
        )}
        {!isOut && (
          <Button variant="default" size="compact-md" onClick={() => setAsking("takeOut")} aria-label={`Make ${name} ineligible`}>
            Make ineligible
          </Button>
        )}
        {isOut && (
          <Button
            variant="default"
            size="compact-md"
            loading={puttingBack.isBusy}
            onClick={() => (draining ? setAsking("endDrain") : void puttingBack.ask())}
            aria-label={`Make ${name} eligible`}
          >
            {wish?.kind === "DRAINED" ? "Cancel drain" : "Make eligible"}
          </Button>
        )}
      </div>
      <Notice tone="red">{puttingBack.message}</Notice>
      <ConfirmDialog
        opened={asking === "drain"}
        title={`Drain ${name}`}
        verb="Drain"
        isHarmless
        onConfirm={() => drain().catch(unreachable)}
        onClose={close}
      >
        <WhatDrainDoes holders={holders} />
      </ConfirmDialog>
      <ConfirmDialog
        opened={asking === "takeOut"}
        title={`Make ${name} ineligible`}
        verb="Make ineligible"
        isHarmless
        onConfirm={() => takeOut().catch(unreachable)}
        onClose={close}
      >
        It takes no new work, of Serai and of everybody else.{" "}
        {holders.length === 0 ? "Nothing runs there now." : `What runs there goes on: ${holdersInWords(holders)}.`} It can be made eligible again at
        any time.
      </ConfirmDialog>
      <ConfirmDialog
        opened={asking === "endDrain"}
        title={`Make ${name} eligible`}
        verb="Make eligible"
        isHarmless
        onConfirm={() => putBack().catch(unreachable)}
        onClose={close}
      >
        Somebody drains it by Nomad itself. That drain ends, and it takes new work again.
      </ConfirmDialog>
    </div>
  );
}

function WhatDrainDoes({ holders }: { readonly holders: readonly Holder[] }): ReactElement {
  const own = holders.filter(({ key }) => key !== "others");
  const others = holders.find(({ key }) => key === "others");
  const sessions = own.reduce((sum, { count }) => sum + count, 0);
  return (
    <div className="stack" style={{ "--gap": "8px" }}>
      <p>It takes no new work from now on, of Serai and of everybody else.</p>
      {sessions === 0 ? (
        <p>Nothing of Serai runs there.</p>
      ) : (
        <p>
          {counted(sessions, "session")} {sessions === 1 ? "moves" : "move"} to other nodes: {holdersInWords(own)}. Each ends only when its successor
          serves, so no request is lost. Where there is no room elsewhere a route stays, goes on serving, and says so.
        </p>
      )}
      {others !== undefined && (
        <p>
          {counted(others.count, "job")} that {others.count === 1 ? "is" : "are"} not Serai’s {others.count === 1 ? "stays" : "stay"}.
        </p>
      )}
      <p>It can be cancelled at any time; what has moved by then does not come back.</p>
    </div>
  );
}
