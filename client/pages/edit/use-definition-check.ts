/** What the server says of a model definition as it is typed: asked shortly after the last letter, and never for another text. */
import { useEffect, useState } from "react";
import { useQuestion } from "../../connection/operations.ts";
import { CheckModelDefinitionDocument, type CheckModelDefinitionQuery } from "../../gql/graphql.ts";
import type { Mark } from "../../parts/editor/problems.ts";

export type Check = CheckModelDefinitionQuery["checkModelDefinition"];
export type Checked = { readonly text: string; readonly check: Check };

const waitMs = 300;

/** The newest answer, which may be of an earlier text; null before the first, and where nothing is to be checked. */
export function useDefinitionCheck(text: string | null, fileName: string): Checked | null {
  const ask = useQuestion();
  const [checked, setChecked] = useState<Checked | null>(null);
  useEffect(() => {
    if (text === null) return;
    let isOld = false;
    const timer = setTimeout(() => {
      ask(CheckModelDefinitionDocument, { yaml: text, fileName })
        .then(({ checkModelDefinition }) => isOld || setChecked({ text, check: checkModelDefinition }))
        // Not being able to ask says nothing of the text; the frame's dot says that the connection is gone.
        .catch(() => undefined);
    }, waitMs);
    return () => {
      isOld = true;
      clearTimeout(timer);
    };
  }, [ask, text, fileName]);
  return text === null ? null : checked;
}

export const marksOf = ({ problems, warnings }: Check): readonly Mark[] => [
  ...problems.map((problem): Mark => ({ ...problem, severity: "error" })),
  ...warnings.map((warning): Mark => ({ ...warning, severity: "warning" })),
];
