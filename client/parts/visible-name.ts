/**
 * A name of a file with everything in it that would not be seen, or would turn the rest around, as a small code: line breaks, tabs, spaces at
 * its ends, controls of the writing direction, bytes that are no UTF-8.
 */

// oxlint-disable-next-line no-control-regex -- control characters are what is shown
const unseen = /([\0-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\ud800-\udfff]|^\s+|\s+$)/u;

export type NamePart = { readonly text: string; readonly isCode: boolean };

/** Every second part of a split is what it was split at. */
export const partsOf = (name: string): readonly NamePart[] =>
  name
    .split(unseen)
    .map((text, place) => (place % 2 === 0 ? { text, isCode: false } : { text: Array.from(text, codeOf).join(""), isCode: true }))
    .filter(({ text }) => text !== "");

/** As programmers write them, in letters that every font has. */
const escapes: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", " ": "␣" };

function codeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  // A byte that is no UTF-8 is told by the API as a lone surrogate, U+DC80 to U+DCFF.
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
  return escapes[character] ?? `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** For titles, labels and sentences. */
export const plainly = (name: string): string =>
  partsOf(name)
    .map(({ text }) => text)
    .join("");

/** A field of one line drops them from whatever is put into it. */
export const hasLineBreak = (name: string): boolean => /[\r\n]/.test(name);
