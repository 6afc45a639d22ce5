/**
 * Secret values out of what a session wrote: a model that dies over its token prints it, `env` prints all of them, and what is captured
 * of both is kept and shown to everybody of the project. Each value is replaced by `[secret NAME]`.
 *
 * Only the ends of outputs are kept, so at the beginning and at the end of a text a part of a value counts as well. Values of fewer than
 * six characters cannot be told from words, and stay.
 */
import type { Observation } from "./session.ts";
import { plainText } from "./words.ts";

const charactersMin = 6;
/** Of a line of a longer value: shorter ones are words, and there may be many of them. */
const lineCharactersMin = 16;

export type Secret = { readonly name: string; readonly value: string };
export type Mask = (text: string) => string;

export function maskOf(secrets: readonly Secret[]): Mask {
  const marks = new Map<string, string>();
  for (const { name, value } of secrets) {
    // As it was set, as it is kept, without the blanks that a line loses at its ends, and by lines: of a key that has many, one is told.
    const lines = plainText(value)
      .split("\n")
      .flatMap((line) => (line.trim().length < lineCharactersMin ? [] : line.trim()));
    for (const form of [value, plainText(value), value.trim(), plainText(value).trim(), ...lines]) {
      if (form.length >= charactersMin && !marks.has(form)) marks.set(form, `[secret ${name}]`);
    }
  }
  if (marks.size === 0) return (text) => text;
  // Of two that begin at the same place the longer one is found. In one go: the name in a mark may be another one's value.
  const values = [...marks.keys()].toSorted((one, other) => other.length - one.length);
  const anyOf = new RegExp(values.map((value) => value.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)).join("|"), "g");
  return (text) => {
    let masked = text.replaceAll(anyOf, (value) => marks.get(value) ?? "");
    for (const value of values) {
      const rest = restAtStart(masked, value);
      if (rest > 0) masked = `${marks.get(value)}${masked.slice(rest)}`;
      const begun = beginningAtEnd(masked, value);
      if (begun > 0) masked = `${masked.replace(/…$/, "").slice(0, -begun)}${marks.get(value)}`;
    }
    return masked;
  };
}

/** How many characters at the start of the text are the last ones of the value. */
function restAtStart(text: string, value: string): number {
  const head = text.slice(0, charactersMin);
  if (head.length < charactersMin) return 0;
  for (let at = value.indexOf(head); at !== -1; at = value.indexOf(head, at + 1)) {
    if (text.startsWith(value.slice(at))) return value.length - at;
  }
  return 0;
}

/** How many characters at the end of the text, before the sign that it was cut, are the first ones of the value. */
function beginningAtEnd(text: string, value: string): number {
  const whole = text.replace(/…$/, "");
  const tail = whole.slice(-charactersMin);
  if (tail.length < charactersMin) return 0;
  for (let at = value.lastIndexOf(tail); at !== -1; at = at === 0 ? -1 : value.lastIndexOf(tail, at - 1)) {
    const length = at + charactersMin;
    if (whole.endsWith(value.slice(0, length))) return length;
  }
  return 0;
}

/** Every text in it that a session, or whoever speaks of it, has written. */
export function maskObservation(seen: Observation, mask: Mask): Observation {
  const orNull = (text: string | null): string | null => (text === null ? null : mask(text));
  const { lastExit, unplaced } = seen;
  return {
    ...seen,
    lastExit: lastExit && {
      ...lastExit,
      outputTail: mask(lastExit.outputTail),
      message: orNull(lastExit.message),
      action: lastExit.action && { ...lastExit.action, said: mask(lastExit.action.said) },
    },
    unplaced: unplaced && { ...unplaced, message: orNull(unplaced.message) },
    events: seen.events.map((event) => ({
      ...event,
      message: mask(event.message),
      ...(event.action === undefined ? {} : { action: { ...event.action, out: mask(event.action.out), err: mask(event.action.err) } }),
    })),
  };
}
