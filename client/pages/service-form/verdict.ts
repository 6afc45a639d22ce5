/** What a judgement comes to, in a word and a sentence: the one thing to read before the button is pressed. Pure. */
import type { CheckItemFragment } from "../../gql/graphql.ts";
import type { Tone } from "../../parts/status.tsx";
import type { Checked } from "./use-check.ts";

export type Verdict = { readonly tone: Tone; readonly word: string; readonly text: string };

export type Circumstances = {
  /** What of all the routes that are asked for there is too little of, where one more fits. */
  readonly lack?: string | null;
  /** New routes take over where old ones end. */
  readonly isInPlace?: boolean;
};

export function verdictOf(checked: Checked<CheckItemFragment>, { lack = null, isInPlace = false }: Circumstances): Verdict {
  const { check, atFields, ofDefinition, others, unanswered } = checked;
  if (check === undefined) {
    const text = unanswered ?? "";
    return unanswered === null ? { tone: "blue", word: "Being looked at", text } : { tone: "grey", word: "Not known", text };
  }
  if (others.length > 0)
    return { tone: "red", word: "Not possible", text: others.map(({ message, hint }) => `${sentence(message)} ${hint ?? ""}`.trim()).join(" ") };
  if (atFields > 0)
    return { tone: "red", word: "Not possible", text: `${atFields === 1 ? "One field needs" : `${atFields} fields need`} another value.` };
  if (ofDefinition.length > 0) return { tone: "amber", word: "Would not run", text: "The model definition has to be corrected first." };
  const { placement, warnings } = check;
  if (placement === null) {
    const unknown = warnings.find((warning) => warning.startsWith(unplaceable));
    return unknown === undefined
      ? { tone: "green", word: "Can be done", text: "Nothing new has to be placed for it." }
      : { tone: "grey", word: "Not known", text: unknown };
  }
  if (!placement.fits && isInPlace)
    return {
      tone: "amber",
      word: "Fits in place",
      text: sentence(["There is no room beside what serves", ...(placement.reason === null ? [] : [placement.reason])].join(": ")),
    };
  if (!placement.fits) return { tone: "amber", word: "No room now", text: sentence(placement.reason ?? "") };
  if (lack !== null) return { tone: "amber", word: "Fits in part", text: lack };
  return { tone: "green", word: "Fits now", text: "There is room for one more route." };
}

const unplaceable = "Where it would run is not known";
/** Those that the verdict does not say. */
export const otherWarnings = (warnings: readonly string[]): readonly string[] => warnings.filter((warning) => !warning.startsWith(unplaceable));

/** The scheduler's reason may be a sentence or a part of one. */
function sentence(reason: string): string {
  const text = `${reason.charAt(0).toUpperCase()}${reason.slice(1)}`;
  return text === "" || /[.!?]$/.test(text) ? text : `${text}.`;
}
