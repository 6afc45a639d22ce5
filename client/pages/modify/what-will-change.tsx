/** What confirming will do, said before: what differs, whether that makes a revision, which way it would go and how long a pause that means. */
import type { ReactElement } from "react";
import { Link } from "wouter";
import type { CheckModificationQuery } from "../../gql/graphql.ts";
import { Differences } from "../../parts/differences.tsx";
import { inShort, type Difference } from "../../parts/field-words.ts";
import { Words } from "../../parts/words.tsx";
import { editAddress } from "../edit/address.ts";
import { pauseInWords, wayInWords } from "./way-words.ts";
import { otherWarnings } from "../service-form/verdict.ts";
import type { Checked } from "../service-form/use-check.ts";

type WhatWillChangeProps = {
  readonly changes: readonly Difference[];
  readonly makesRevision: boolean;
  readonly checked: Checked<ModificationCheck>;
  readonly folderId: string;
};

type ModificationCheck = CheckModificationQuery["checkModification"];

export function WhatWillChange({ changes, makesRevision, checked, folderId }: WhatWillChangeProps): ReactElement {
  // What is said of a revision says nothing of what is typed by now.
  const check = checked.isCurrent || checked.check?.makesRevision === makesRevision ? checked.check : undefined;
  return (
    <aside aria-label="What will change">
      <div className="stack" style={{ "--gap": "12px" }}>
        <h3 style={{ fontSize: "0.875rem", fontWeight: 600 }}>What will change</h3>
        {changes.length === 0 ? (
          <p className="soft">Nothing yet. What you change is listed here before it is done.</p>
        ) : (
          <>
            <Differences differences={changes} />
            {checked.atFields + checked.others.length === 0 && <Consequence makesRevision={check?.makesRevision ?? makesRevision} check={check} />}
            <Found checked={checked} folderId={folderId} />
          </>
        )}
      </div>
    </aside>
  );
}

type ConsequenceProps = { readonly makesRevision: boolean; readonly check: ModificationCheck | undefined };

function Consequence({ makesRevision, check }: ConsequenceProps): ReactElement {
  if (!makesRevision) return <p>It makes no new revision: what serves goes on serving.</p>;
  const along = check?.differences.filter(({ path }) => path.startsWith("definition")) ?? [];
  return (
    <>
      <p>
        <b>It makes a new revision.</b>{" "}
        {check === undefined ? (
          <span className="soft">How it would be rolled out is being looked at.</span>
        ) : (
          <>
            {wayInWords(check.way)} {pauseInWords(check)}
          </>
        )}
      </p>
      {along.length > 0 && (
        <details className="along">
          <summary>The definition is read anew from the folder, and is another one: {inShort(along)}</summary>
          <Differences differences={along} />
        </details>
      )}
    </>
  );
}

type FoundProps = { readonly checked: Checked<ModificationCheck>; readonly folderId: string };

/** Of the definition; what is wrong with a field stands at it, and the rest in the verdict. */
function Found({ checked, folderId }: FoundProps): ReactElement {
  return (
    <>
      {checked.ofDefinition.map(({ path, line, message, hint }) => (
        <div key={`${path} ${message}`} className="notice" data-tone="red">
          <Link href={editAddress(folderId, "model-definition.yml", line)} className="place">
            {line === null ? "The definition" : `Line ${line} of the definition`}
          </Link>{" "}
          <Words>{message}</Words>
          {hint !== null && (
            <div className="soft">
              <Words>{hint}</Words>
            </div>
          )}
        </div>
      ))}
      {otherWarnings(checked.check?.warnings ?? []).map((warning) => (
        <p key={warning} className="notice" data-tone="amber">
          <Words>{warning}</Words>
        </p>
      ))}
    </>
  );
}
