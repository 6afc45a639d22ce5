/** Plain words for sentences that people read. */

/** Text from outside as it can be kept and shown: no NUL, no half of a character, no terminal's control codes but tab and line break. */
// oxlint-disable-next-line no-control-regex -- control characters are what is removed
export const plainText = (text: string): string => text.toWellFormed().replaceAll(/[\0-\x08\x0b-\x1f\x7f]/g, "");

/** What programs say of themselves, as a sentence of its own. A first word that is more than letters is a name or a path, and stays. */
export const asSentence = (text: string): string => {
  const begun = /^[a-z]+(\s|$)/.test(text) ? `${text.charAt(0).toUpperCase()}${text.slice(1)}` : text;
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
};

/** `1 route`, `3 routes`. */
export const countOf = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
