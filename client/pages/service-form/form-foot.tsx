/** The end of the form, always in sight: whether what is typed can be done and fits, and the buttons below it. */
import { Button } from "@mantine/core";
import type { ReactElement, ReactNode } from "react";
import type { CheckItemFragment } from "../../gql/graphql.ts";
import { Flag, type Shape, type Tone } from "../../parts/status.tsx";
import { Words } from "../../parts/words.tsx";
import { offerOf } from "./remedies.ts";
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
  // What would help with what was typed before may help no more.
  const remedies = unasked === null && checked.isCurrent ? (checked.check?.placement?.why?.remedies ?? []) : [];
  const offers = remedies.flatMap((remedy) => offerOf(remedy, checked.form.values) ?? []);
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
      {offers.length > 0 && (
        <div className="line" role="group" aria-label="What would help" style={{ flexWrap: "wrap", "--gap": "8px" }}>
          {offers.map(({ label, changes }) => (
            <Button key={label} size="xs" variant="light" onClick={() => checked.form.setValues(changes)}>
              {label}
            </Button>
          ))}
        </div>
      )}
      {children}
    </div>
  );
}
