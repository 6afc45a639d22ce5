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

type Masks = { readonly values: readonly string[]; readonly inside: Mask; readonly atStart: Mask; readonly atEnd: Mask };

function masksOf(secrets: readonly Secret[]): Masks {
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
  // Of two that begin at the same place the longer one is found. In one go: the name in a mark may be another one's value.
  const values = [...marks.keys()].toSorted((one, other) => other.length - one.length);
  const anyOf = new RegExp(values.map((value) => value.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)).join("|"), "g");
  return {
    values,
    inside: (text) => (values.length === 0 ? text : text.replaceAll(anyOf, (value) => marks.get(value) ?? "")),
    atStart: (text) => values.reduce((masked, value) => withoutRest(masked, value, marks.get(value) ?? ""), text),
    atEnd: (text) => values.reduce((masked, value) => withoutBeginning(masked, value, marks.get(value) ?? ""), text),
  };
}

export function maskOf(secrets: readonly Secret[]): Mask {
  const { inside, atStart, atEnd } = masksOf(secrets);
  return (text) => atEnd(atStart(inside(text)));
}

/** For a text that comes in parts. */
export type PartsMask = {
  /** How many characters at its end may belong to a value that goes on in the next part: they are to be looked at together with that. */
  readonly undecided: (text: string) => number;
  /** `begins`: what came before it is not known. `ends`: nothing comes after it. */
  readonly mask: (text: string, is: { readonly begins: boolean; readonly ends: boolean }) => string;
};

export function partsMaskOf(secrets: readonly Secret[]): PartsMask {
  const { values, inside, atStart, atEnd } = masksOf(secrets);
  const charactersMax = 16 * Math.max(0, ...values.map(({ length }) => length));
  /** Where no value that is there as a whole is torn: its end may look like another's beginning. */
  const untorn = (text: string, begun: number): number => {
    for (let cut = begun; ;) {
      const starts = values.map((value) => {
        const at = cut === 0 ? -1 : text.lastIndexOf(value, cut - 1);
        return at >= 0 && at + value.length > cut ? at : cut;
      });
      const first = Math.min(cut, ...starts);
      // Values that overlap without an end would keep all of the text.
      if (first < text.length - charactersMax) return begun;
      if (first === cut) return cut;
      cut = first;
    }
  };
  return {
    undecided(text) {
      const begun = Math.max(0, ...values.map((value) => begunAtEnd(text, value)));
      return text.length - untorn(text, text.length - begun);
    },
    mask(text, { begins, ends }) {
      const started = begins ? atStart(inside(text)) : inside(text);
      return ends ? atEnd(started) : started;
    },
  };
}

/** How many characters at the end of the text are the first ones of the value, without being all of it. */
function begunAtEnd(text: string, value: string): number {
  for (let at = Math.max(0, text.length - value.length + 1); at < text.length; at += 1) {
    if (value.startsWith(text.slice(at))) return text.length - at;
  }
  return 0;
}

function withoutRest(text: string, value: string, mark: string): string {
  const rest = restAtStart(text, value);
  return rest > 0 ? `${mark}${text.slice(rest)}` : text;
}

function withoutBeginning(text: string, value: string, mark: string): string {
  const begun = beginningAtEnd(text, value);
  return begun > 0 ? `${text.replace(/…$/, "").slice(0, -begun)}${mark}` : text;
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
