/**
 * Host environments share the machine's files, so paths that a definition or a variable names are replaced by where these really
 * are. A path is meant where it stands by itself: at the beginning or after `=`, `:` or `,`, and up to a `/`, a separator or the end.
 */

/** `put`: what goes there instead. */
export type Place = { readonly target: string; readonly put: string };

/** Whether the text is the beginning and the end of the word that it stands in. */
export type Edges = { readonly first: boolean; readonly last: boolean };

/** @param literal what becomes of the text between places; quoting, for example. */
export function replacePlaces(
  text: string,
  places: readonly Place[],
  literal: (text: string) => string = (same) => same,
  edges: Edges = { first: true, last: true },
): string {
  // The longest target first: /models/cache must not be taken for a file of /models.
  const longestFirst = places.toSorted((one, other) => other.target.length - one.target.length);
  const ends = (index: number): boolean => (index === text.length ? edges.last : "/:,".includes(text.charAt(index)));
  let replaced = "";
  let since = 0;
  for (let index = 0; index < text.length;) {
    const begins = index === 0 ? edges.first : "=:,".includes(text.charAt(index - 1));
    const place = begins ? longestFirst.find(({ target }) => text.startsWith(target, index) && ends(index + target.length)) : undefined;
    if (place === undefined) {
      index += 1;
      continue;
    }
    if (since < index) replaced += literal(text.slice(since, index));
    replaced += place.put;
    index += place.target.length;
    since = index;
  }
  return since < text.length ? replaced + literal(text.slice(since)) : replaced;
}
