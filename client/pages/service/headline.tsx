/** The one sentence that says how it stands, the remedy beside it, and what exactly is wrong below. */
import { Button } from "@mantine/core";
import { useState, type ReactElement } from "react";
import { useChange } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import { ClearErrorsAndRetryDocument } from "../../gql/graphql.ts";
import { Notice } from "../../parts/notice.tsx";
import { Problems } from "../../parts/problems.tsx";
import { toneOf } from "../../parts/status.tsx";
import { DefinitionDialog } from "../folders/definition-dialog.tsx";
import { Words } from "../../parts/words.tsx";
import type { ServiceDetail } from "./service-page.tsx";

export function Headline({ service }: { readonly service: ServiceDetail }): ReactElement {
  const change = useChange();
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState<string | null>(null);
  const [editing, setEditing] = useState(false);
  const { folder, definitionProblems } = service.revision;
  const ending = service.status === "TERMINATING" || service.status === "TERMINATED";
  const broken = !ending && (service.failure !== null || definitionProblems.length > 0);

  const retry = async () => {
    setBusy(true);
    const outcome = await change(ClearErrorsAndRetryDocument, { input: { id: service.id } })
      .then((data) => outcomeOf(data.clearErrorsAndRetry, "ClearErrorsAndRetrySuccess"))
      .catch(unreachable);
    setBusy(false);
    setMessage(outcome.ok ? null : outcome.message);
  };

  return (
    <>
      <div className="headline" data-tone={toneOf(service.status)}>
        <div>
          <p aria-live="polite" data-testid="status-reason">
            <Words>{service.statusReason}</Words>
          </p>
          {broken && service.failure?.hint ? (
            <p style={{ fontSize: "0.875rem" }} className="soft">
              <Words>{service.failure.hint}</Words>
            </p>
          ) : null}
        </div>
        {broken && (
          <div className="line" style={{ flexWrap: "wrap" }}>
            <Button variant="default" onClick={() => setEditing(true)}>
              Write definition
            </Button>
            <Button loading={busy} onClick={() => void retry()}>
              Clear errors and retry
            </Button>
          </div>
        )}
      </div>
      {message !== null && <Notice tone="red">{message}</Notice>}
      {!ending && definitionProblems.length > 0 && <Problems problems={definitionProblems} />}
      <DefinitionDialog folder={editing ? folder : null} onClose={() => setEditing(false)} onSaved={() => void retry()} />
    </>
  );
}
