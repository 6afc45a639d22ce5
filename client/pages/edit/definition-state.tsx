/** In a few words how the definition stands, always at the same place; paler while that is said of the text as it was a moment ago. */
import type { ReactElement } from "react";
import type { Tone } from "../../parts/status.tsx";
import type { Checked } from "./use-definition-check.ts";

type DefinitionStateProps = {
  readonly text: string;
  readonly checked: Checked | null;
  /** Those of the folder as well. */
  readonly warnings: number;
};

export function DefinitionState({ text, checked, warnings }: DefinitionStateProps): ReactElement {
  const [tone, words] = stateOf(text, checked, warnings);
  const isOld = checked !== null && checked.text !== text;
  return (
    <span aria-live="polite" data-tone={tone} style={{ color: "var(--tone)", opacity: isOld ? 0.6 : 1 }}>
      {words}
    </span>
  );
}

function stateOf(text: string, checked: Checked | null, warnings: number): readonly [Tone, string] {
  if (text.trim() === "") return ["grey", "The definition is empty."];
  if (checked === null) return ["grey", "Checking …"];
  const problems = checked.check.problems.length;
  if (problems > 0) return ["red", warnings > 0 ? `${counted(problems, "problem")}, ${counted(warnings, "warning")}` : counted(problems, "problem")];
  return warnings > 0 ? ["amber", `It can be used, with ${counted(warnings, "warning")}.`] : ["green", "The definition can be used."];
}

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;
