/** The one sentence that says how it stands, the remedy beside it, and what exactly is wrong below. */
import { Button } from "@mantine/core";
import type { ReactElement } from "react";
import { useLocation } from "wouter";
import type { StartActionItemFragment } from "../../gql/graphql.ts";
import { Notice } from "../../parts/notice.tsx";
import { Problems } from "../../parts/problems.tsx";
import { toneOf } from "../../parts/status.tsx";
import { Words } from "../../parts/words.tsx";
import { editAddress } from "../edit/address.ts";
import { DefinitionChangeNotice } from "./definition-change-notice.tsx";
import { Remedies } from "./remedies.tsx";
import type { ServiceDetail } from "./service-detail.ts";
import { nameOf, StartActionFacts, StartActionOutput } from "./start-action.tsx";
import { useRetry } from "./use-retry.ts";

type HeadlineProps = {
  readonly service: ServiceDetail;
  /** The start action that ended the last start. */
  readonly failedAction: StartActionItemFragment | null;
};

export function Headline({ service, failedAction }: HeadlineProps): ReactElement {
  const [, navigate] = useLocation();
  const retrying = useRetry(service.id);
  const { folder, definitionProblems } = service.revision;
  const ending = service.status === "TERMINATING" || service.status === "TERMINATED";
  const broken = !ending && (service.failure !== null || definitionProblems.length > 0);
  // The editor opens the other name where the folder has that.
  const addressOf = (line: number | null) => editAddress(folder.id, service.definitionChange?.fileName ?? "model-definition.yml", line);

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
          {!ending && <Remedies service={service} />}
        </div>
        {broken && (
          <div className="line" style={{ flexWrap: "wrap" }}>
            <Button variant="default" onClick={() => navigate(addressOf(definitionProblems[0]?.line ?? null))}>
              Write definition
            </Button>
            <Button loading={retrying.isBusy} onClick={() => void retrying.ask()}>
              Clear errors and retry
            </Button>
          </div>
        )}
      </div>
      {retrying.message !== null && <Notice tone="red">{retrying.message}</Notice>}
      {!ending && service.endpointProblem !== null && <Notice tone="red">{service.endpointProblem}</Notice>}
      {!ending && <DefinitionChangeNotice service={service} retrying={retrying} isOfferedAbove={broken} />}
      {!ending && definitionProblems.length > 0 && <Problems problems={definitionProblems} addressOf={({ line }) => addressOf(line)} />}
      {broken && failedAction !== null && (
        <section className="notice stack" data-tone="red" aria-label="The start action that failed" style={{ "--gap": "4px" }}>
          <div className="line" style={{ flexWrap: "wrap", "--gap": "4px 12px" }}>
            <code style={{ fontWeight: 600 }}>{nameOf(failedAction)}</code>
            <StartActionFacts action={failedAction} />
          </div>
          <StartActionOutput action={failedAction} isOpen />
        </section>
      )}
    </>
  );
}
