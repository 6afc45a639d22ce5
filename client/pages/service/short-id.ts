/** Enough of an id to tell routes of one service apart: the prefix and six of its twenty characters. */
export function shortId(id: string): string {
  const at = id.indexOf("_");
  return at === -1 ? id : id.slice(0, at + 7);
}
