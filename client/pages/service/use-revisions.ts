/** The revisions of a service, newest first. Those that are shown never change, so it is asked again only when there is a new one. */
import { useState } from "react";
import { useAnswer } from "../../connection/answer.ts";
import { useQuestion } from "../../connection/operations.ts";
import { ServiceRevisionsDocument, type RevisionItemFragment, type ServiceRevisionsQuery } from "../../gql/graphql.ts";
import type { ServiceDetail } from "./service-detail.ts";

export type RevisionHistory = {
  /** Undefined while not known. */
  readonly revisions: readonly RevisionItemFragment[] | undefined;
  readonly problem: string | null;
  /** Shows a page of earlier ones; null where there are none. */
  readonly earlier: (() => void) | null;
};

type Page = NonNullable<ServiceRevisionsQuery["service"]>["revisions"];

export function useRevisions({ id, revision, rollout }: ServiceDetail): RevisionHistory {
  const ask = useQuestion();
  const { data, problem } = useAnswer(ServiceRevisionsDocument, { id }, `${revision.id} ${rollout?.id}`);
  const [before, setBefore] = useState<readonly Page[]>([]);
  const newest = data?.service?.revisions;
  if (newest === undefined) return { revisions: undefined, problem, earlier: null };

  const pages = [...before.toReversed(), newest];
  const byNumber = new Map(pages.flatMap(({ edges }) => edges.map(({ node }) => [node.number, node] as const)));
  const { hasPreviousPage, startCursor } = (before.at(-1) ?? newest).pageInfo;
  const earlier = () =>
    void ask(ServiceRevisionsDocument, { id, before: startCursor })
      .then(({ service }) => service && setBefore((known) => [...known, service.revisions]))
      .catch(() => undefined);
  return {
    revisions: [...byNumber.values()].toSorted((one, other) => other.number - one.number),
    problem,
    earlier: hasPreviousPage ? earlier : null,
  };
}
