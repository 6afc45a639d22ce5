/** What the service has been made of, newest first: what each changed, which one serves, and the way back to it. */
import { Button } from "@mantine/core";
import { useState, type ReactElement } from "react";
import type { RevisionItemFragment } from "../../gql/graphql.ts";
import { Notice } from "../../parts/notice.tsx";
import { RevisionRow } from "./revision-row.tsx";
import { servingRevisions } from "./rollout-progress.ts";
import { RollBackDialog } from "./roll-back-dialog.tsx";
import type { ServiceDetail } from "./service-detail.ts";
import { useRevisions } from "./use-revisions.ts";

export function RevisionsPanel({ service }: { readonly service: ServiceDetail }): ReactElement {
  const { revisions, problem, earlier } = useRevisions(service);
  const [wanted, setWanted] = useState<RevisionItemFragment | null>(null);
  const serving = servingRevisions(service.routes, service.rollout);
  return (
    <section className="panel" aria-labelledby="revisions">
      <header>
        <h2 id="revisions">Revisions</h2>
      </header>
      <Notice tone="amber">{problem}</Notice>
      {revisions === undefined ? (
        <p className="soft" style={{ padding: 16 }}>
          Not known yet.
        </p>
      ) : (
        <ol className="revisions" reversed aria-label="Revisions">
          {revisions.map((revision) => (
            <RevisionRow
              key={revision.id}
              revision={revision}
              others={revisions.filter(({ id }) => id !== revision.id)}
              isCurrent={revision.id === service.revision.id}
              isLater={revision.number > service.revision.number}
              serves={serving.has(revision.id)}
              onRollBack={() => setWanted(revision)}
            />
          ))}
        </ol>
      )}
      {earlier !== null && (
        <div style={{ padding: "8px 16px", borderTop: "1px solid var(--line)" }}>
          <Button variant="subtle" color="gray" size="compact-sm" onClick={earlier}>
            Show earlier revisions
          </Button>
        </div>
      )}
      <RollBackDialog service={service} revision={wanted} onClose={() => setWanted(null)} />
    </section>
  );
}
