/** What a route says of itself on a machine from which it is to go: the one place where these words are written and known again. */
import type { Explanation } from "./why/question.ts";

const begins = "Stays on ";
const nameOf = (node: string | null): string => node ?? "its node";

export const leavingReason = (node: string | null): string => `Finishes its last requests: ${nameOf(node)} is being drained.`;

/** @param until goes after a comma or a colon: `, until its successor serves.` */
export const stayingReason = (node: string | null, until: string): string => `${begins}${nameOf(node)}, which is being drained${until}`;

export const isStaying = (reason: string): boolean => reason.startsWith(begins);

/** @param nodes of those that stay; the explanation is of their successor. */
export const explainStaying = (nodes: readonly (string | null)[], { sentence, ...why }: Explanation): Explanation => ({
  ...why,
  sentence: stayingSentence(nodes.map((node) => stayingReason(node, `: ${sentence}`))),
});

/** Of all of a service's routes that say so; the first says why. */
export function stayingSentence([first = "", ...rest]: readonly string[]): string {
  return rest.length === 0
    ? `1 route stays on ${first.slice(begins.length)}`
    : `${rest.length + 1} routes stay where they are; one on ${first.slice(begins.length)}`;
}
