/**
 * A name of a file, with everything in it that would not be seen, or would turn the rest around, as a small code of its own: line breaks, tabs,
 * spaces at its ends, controls of the writing direction, bytes that are no UTF-8.
 */
import type { ReactElement } from "react";

// oxlint-disable-next-line no-control-regex -- control characters are what is shown
const unseen = /([\0-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\udc80-\udcff]|^\s+|\s+$)/u;

type Part = { readonly text: string; readonly isCode: boolean };

/** Every second part of a split is what it was split at. */
const partsOf = (name: string): readonly Part[] =>
  name
    .split(unseen)
    .map((text, place) => (place % 2 === 0 ? { text, isCode: false } : { text: [...text].map(codeOf).join(""), isCode: true }))
    .filter(({ text }) => text !== "");

function codeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (character === " ") return "␣";
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return "␡";
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** For titles, labels and sentences. */
export const plainly = (name: string): string =>
  partsOf(name)
    .map(({ text }) => text)
    .join("");

/** A field of one line drops them from whatever is put into it. */
export const hasLineBreak = (name: string): boolean => /[\r\n]/.test(name);

export function FileName({ children }: { readonly children: string }): ReactElement {
  return (
    <>
      {partsOf(children).map(({ text, isCode }, place) =>
        isCode ? (
          <code key={place} className="unseen-character">
            {text}
          </code>
        ) : (
          text
        ),
      )}
    </>
  );
}
