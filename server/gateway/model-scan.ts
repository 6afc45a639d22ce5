/**
 * Which model a JSON body asks for: finds the string at the key `model` of the outermost object in bytes that come piece by piece, cut
 * anywhere. Pure.
 *
 * It reads what every JSON parser reads in the same way (RFC 8259): nothing but `{` may open the body, escapes in the key are resolved
 * (`"m\u006fdel"`), and a second `model` is a mistake, for parsers differ on which of the two counts. What lies deeper is passed over by
 * counting brackets, so depth costs nothing. Whether the rest is valid JSON is the model's business.
 */
export type ModelScan = {
  push(bytes: Uint8Array): void;
  readonly model: string | null;
  /** What is wrong with the body, as the client is told; null: nothing so far. */
  readonly mistake: string | null;
  /** The outermost object has ended. */
  readonly isOver: boolean;
};

type State = "start" | "keyOrEnd" | "key" | "colon" | "value" | "scalar" | "nested" | "commaOrEnd" | "over";

/** In bytes as they are sent: each character of a name may be written as an escape of six. */
const nameBytesMax = 6 * 200;

const space = new Set([0x20, 0x09, 0x0a, 0x0d]);
const [quote, backslash, colon, comma] = [0x22, 0x5c, 0x3a, 0x2c];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

const notAnObject = "The body must be a JSON object.";
const notAString = "`model` must be a string.";
const twice = "`model` is there twice: which one counts, servers read differently.";

export function createModelScan(): ModelScan {
  let state: State = "start";
  let depth = 0;
  let isAtModel = false;
  let model: string | null = null;
  let mistake: string | null = null;
  let isInString = false;
  let isEscaped = false;
  /** Bytes of the string that is being read; null where it is of no interest, or too long to be. */
  let text: number[] | null = null;

  function fail(what: string): void {
    mistake ??= what;
  }

  function beginString(isOfInterest: boolean): void {
    isInString = true;
    text = isOfInterest ? [] : null;
  }

  function readString(byte: number): void {
    if (byte === quote && !isEscaped) {
      isInString = false;
      return endString();
    }
    isEscaped = byte === backslash && !isEscaped;
    if (text === null) return;
    if (text.length < nameBytesMax) text.push(byte);
    else text = null;
  }

  function endString(): void {
    if (state === "nested") return;
    if (state === "value") {
      state = "commaOrEnd";
      if (!isAtModel) return;
      model = text === null ? null : decoded(text);
      return model === null ? fail("`model` is no name: too long, or not valid JSON.") : undefined;
    }
    state = "colon";
    isAtModel = text !== null && decoded(text) === "model";
    if (isAtModel && model !== null) fail(twice);
  }

  function beginValue(byte: number): void {
    if (byte === quote) return beginString(isAtModel);
    if (isAtModel) return fail(notAString);
    const isNested = byte === openBrace || byte === openBracket;
    depth = isNested ? 1 : 0;
    state = isNested ? "nested" : "scalar";
  }

  function readNested(byte: number): void {
    if (byte === quote) beginString(false);
    else if (byte === openBrace || byte === openBracket) depth += 1;
    else if (byte === closeBrace || byte === closeBracket) depth -= 1;
    if (depth === 0) state = "commaOrEnd";
  }

  /** Of the outermost object: between its keys and values. */
  function readStructure(byte: number): void {
    if (byte === openBrace && state === "start") state = "keyOrEnd";
    else if (byte === quote && (state === "key" || state === "keyOrEnd")) beginString(true);
    else if (byte === colon && state === "colon") state = "value";
    else if (byte === comma && (state === "commaOrEnd" || state === "scalar")) state = "key";
    else if (byte === closeBrace && (state === "commaOrEnd" || state === "scalar" || state === "keyOrEnd")) state = "over";
    else if (state !== "scalar") fail(state === "start" ? notAnObject : "The body is not valid JSON.");
  }

  return {
    push(bytes) {
      for (let at = 0; at < bytes.length; at += 1) {
        if (mistake !== null || state === "over") return;
        // An image in a message is one long string: this takes a sixth of the time.
        if (isInString && text === null && !isEscaped) at = nextOfMeaning(bytes, at);
        const byte = bytes[at];
        if (byte === undefined) return;
        if (isInString) readString(byte);
        else if (state === "nested") readNested(byte);
        else if (space.has(byte)) continue;
        else if (state === "value") beginValue(byte);
        else readStructure(byte);
      }
    },
    get model() {
      return model;
    },
    get mistake() {
      return mistake;
    },
    get isOver() {
      return state === "over";
    },
  };
}

/** Where a string may end, or an escape begins. */
function nextOfMeaning(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== quote && bytes[at] !== backslash) at += 1;
  return at;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Null where it is no string of JSON. */
function decoded(text: readonly number[]): string | null {
  try {
    return JSON.parse(`"${utf8.decode(Uint8Array.from(text))}"`) as string;
  } catch {
    return null;
  }
}
