/** The end of the form, always in sight: whether what is typed can be done and fits, and the buttons below it. */
import type { ReactElement, ReactNode } from "react";
import type { CheckItemFragment } from "../../gql/graphql.ts";
import { Flag, type Shape, type Tone } from "../../parts/status.tsx";
import { Words } from "../../parts/words.tsx";
import type { Checked } from "./use-check.ts";
import { verdictOf, type Circumstances } from "./verdict.ts";

type FormFootProps = Circumstances & {
  readonly checked: Checked<CheckItemFragment>;
  /** Why there is no verdict: nothing can be judged yet. */
  readonly unasked: string | null;
  readonly children: ReactNode;
};

const shapes: Readonly<Record<Tone, Shape>> = { green: "check", amber: "warning", red: "cross", grey: "ring", blue: 0.5 };

export function FormFoot({ checked, unasked, children, ...circumstances }: FormFootProps): ReactElement {
  const verdict = unasked === null ? verdictOf(checked, circumstances) : null;
  return (
    <div className="form-foot">
      <p role="status" aria-label="Verdict" aria-busy={unasked === null && !checked.isCurrent}>
        {verdict === null ? (
          <span className="soft">{unasked}</span>
        ) : (
          <>
            <span style={{ marginInlineEnd: 8 }}>
              <Flag tone={verdict.tone} shape={shapes[verdict.tone]}>
                {verdict.word}
              </Flag>
            </span>
            <Words>{verdict.text}</Words>
          </>
        )}
      </p>
      {children}
    </div>
  );
}
