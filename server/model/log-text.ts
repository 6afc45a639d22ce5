/**
 * A log as text: whole characters of UTF-8 (what is none becomes U+FFFD), without the values of secret variables, and with the bytes that
 * it stands for, so that reading can go on after it. Everything else stays as it was written, control characters too.
 *
 * A character that has come in part, and what may be the beginning of a secret value, wait for what comes after. Masking is for
 * accidents: whoever manages the service can make it write a value in a form that nobody finds.
 */
import type { LogChunk } from "./logs.ts";
import type { PartsMask } from "./mask.ts";

/** Of one piece of text. */
const bytesMax = 64 * 1024;

export type LogText = {
  readonly attempt: string;
  readonly offset: number;
  /** After the last byte of the text. */
  readonly nextOffset: number;
  readonly text: string;
};

type Open = {
  readonly attempt: string;
  /** Of what waits. */
  readonly offset: number;
  readonly text: string;
  readonly bytes: Uint8Array;
  /** Nothing of it has been handed out yet, and it does not begin where the log does. */
  readonly isCut: boolean;
};

export type LogReader = {
  readonly read: (chunk: LogChunk) => Generator<LogText>;
  /** Nothing more comes: what has waited. */
  readonly end: () => Generator<LogText>;
};

export function createLogReader({ undecided, mask }: PartsMask): LogReader {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let open: Open | null = null;

  function* end(): Generator<LogText> {
    if (open === null) return;
    const { attempt, offset, bytes, isCut } = open;
    const text = open.text + decoder.decode(bytes);
    const nextOffset = offset + byteLength(open.text) + bytes.length;
    open = null;
    if (text !== "") yield { attempt, offset, nextOffset, text: mask(text, { begins: isCut, ends: true }) };
  }

  function* readPart(attempt: string, offset: number, part: Uint8Array): Generator<LogText> {
    if (open !== null && (open.attempt !== attempt || endOf(open) !== offset)) yield* end();
    const waiting: Open = open ?? { attempt, offset, text: "", bytes: new Uint8Array(), isCut: offset > 0 };
    const bytes = joined(waiting.bytes, part);
    const whole = bytes.length - begunCharacter(bytes);
    const text = waiting.text + decoder.decode(bytes.subarray(0, whole));
    const decided = text.length - undecided(text);
    const rest = { text: text.slice(decided), bytes: bytes.slice(whole) };
    const nextOffset = offset + part.length - rest.bytes.length - byteLength(rest.text);
    open = { ...waiting, ...rest, offset: nextOffset, isCut: waiting.isCut && decided === 0 };
    if (decided > 0) {
      const masked = mask(text.slice(0, decided), { begins: waiting.isCut, ends: false });
      yield { attempt, offset: waiting.offset, nextOffset, text: masked };
    }
  }

  return {
    *read({ attempt, offset, bytes }) {
      for (let at = 0; at < bytes.length; at += bytesMax) yield* readPart(attempt, offset + at, bytes.subarray(at, at + bytesMax));
    },
    end,
  };
}

const encoder = new TextEncoder();
const byteLength = (text: string): number => encoder.encode(text).length;
/** Text that waits is a part of a secret value, and so was UTF-8. */
const endOf = ({ offset, text, bytes }: Open): number => offset + byteLength(text) + bytes.length;

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  if (one.length === 0) return other;
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

/** How many bytes at the end are the first ones of a character that is not complete. */
function begunCharacter(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
  }
  return 0;
}
