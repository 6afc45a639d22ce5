/**
 * File names are bytes, and sessions leave some that are no UTF-8. As text, each byte that cannot be decoded is a lone surrogate, U+DC80
 * to U+DCFF; JSON carries those (as `\udcff`), and here they become the same bytes again.
 */

export function textOfName(bytes: Buffer): string {
  const text = bytes.toString("utf8");
  // The usual name, without a look at each byte. A name may hold U+FFFD itself: then the way back gives the same bytes.
  return !text.includes("\uFFFD") || Buffer.from(text).equals(bytes) ? text : escaped(bytes);
}

function escaped(bytes: Buffer): string {
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    text += length === 0 ? String.fromCharCode(0xdc00 + (bytes[at] ?? 0)) : bytes.toString("utf8", at, at + length);
    at += Math.max(1, length);
  }
  return text;
}

/** Of the character that begins there; 0 where none does. */
function sequenceLength(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  const length = first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  const sequence = bytes.subarray(at, at + length);
  return length > 0 && Buffer.from(sequence.toString("utf8")).equals(sequence) ? length : 0;
}

/** Null where the text cannot stand for bytes: half a character that is no escaped byte. */
export function bytesOfName(text: string): Buffer | null {
  if (text.isWellFormed()) return Buffer.from(text);
  const pieces: Buffer[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0xdc80 && code <= 0xdcff) pieces.push(Buffer.from([code - 0xdc00]));
    else if (character.isWellFormed()) pieces.push(Buffer.from(character));
    else return null;
  }
  return Buffer.concat(pieces);
}

export const byteLengthOf = (text: string): number => bytesOfName(text)?.length ?? Number.POSITIVE_INFINITY;

/** For messages and for headers, where only whole characters can go. */
export const shownName = (text: string): string => text.toWellFormed();
