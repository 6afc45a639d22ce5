/** Which machines the group that is typed would have right now. */
import type { ReactElement } from "react";
import { CheckResourceGroupDocument, type CheckResourceGroupInput, type CheckResourceGroupQuery } from "../../gql/graphql.ts";
import { allOf } from "../../parts/listed.ts";
import { useDryRun } from "../service-form/use-dry-run.ts";
import { constraintInWords, usageInWords } from "./group-words.ts";

export function GroupMatch({ rule }: { readonly rule: CheckResourceGroupInput }): ReactElement {
  const isAsked = rule.nodePool !== "";
  const { known, isCurrent, problem } = useDryRun(CheckResourceGroupDocument, isAsked ? rule : null);
  const words = !isAsked ? unasked : known === undefined ? problem : wordsOf(known.data.checkResourceGroup);
  return (
    <p role="status" aria-label="What the group would have" aria-busy={isAsked && !isCurrent} className="numeric">
      {words}
    </p>
  );
}

const unasked = "Choose a node pool, and it is said here which nodes the group would have.";

function wordsOf({ usage, unknownConstraints }: CheckResourceGroupQuery["checkResourceGroup"]): string {
  if (usage === null) return "Which nodes it would have is not known now: the scheduler cannot be asked.";
  const unknown = unknownConstraints.map(constraintInWords);
  return `${usageInWords(usage)}${unknown.length === 0 ? "" : ` Of which ${allOf(unknown)} is true, only Nomad knows.`}`;
}
