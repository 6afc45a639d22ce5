/** An answer of OpenAI's chat API as it comes: its text so far, and how fast. Pure but for the clock that is handed in. */
type Message = { readonly content?: unknown; readonly reasoning_content?: unknown; readonly reasoning?: unknown };
type Chunk = {
  readonly choices?: readonly { readonly delta?: Message; readonly message?: Message; readonly finish_reason?: unknown }[];
  readonly usage?: { readonly completion_tokens?: unknown } | null;
  readonly error?: { readonly message?: unknown };
};

export type ChatAnswer = {
  readonly text: string;
  /** What a reasoning model thought before. */
  readonly thinking: string;
  /** Since the question was sent; null before the first one. */
  readonly firstTokenMs: number | null;
  readonly lastTokenMs: number | null;
  readonly pieces: number;
  /** As the model counts them; null where it does not say. */
  readonly tokens: number | null;
  readonly isCut: boolean;
  /** What the model said went wrong, in the middle of its answer. */
  readonly problem: string | null;
};

export const noAnswer: ChatAnswer = {
  text: "",
  thinking: "",
  firstTokenMs: null,
  lastTokenMs: null,
  pieces: 0,
  tokens: null,
  isCut: false,
  problem: null,
};

/** @param data one event, or a whole answer that was not streamed. */
export function withChunk(before: ChatAnswer, data: string, nowMs: number): ChatAnswer {
  const { choices, usage, error } = parsed(data);
  const choice = Array.isArray(choices) ? (choices as NonNullable<Chunk["choices"]>)[0] : undefined;
  const said = choice?.delta ?? choice?.message ?? {};
  const [text, thinking] = [textOf(said.content), textOf(said.reasoning_content) || textOf(said.reasoning)];
  const isSaid = text !== "" || thinking !== "";
  return {
    text: before.text + text,
    thinking: before.thinking + thinking,
    firstTokenMs: before.firstTokenMs ?? (isSaid ? nowMs : null),
    lastTokenMs: isSaid ? nowMs : before.lastTokenMs,
    pieces: before.pieces + (isSaid ? 1 : 0),
    tokens: typeof usage?.completion_tokens === "number" ? usage.completion_tokens : before.tokens,
    isCut: before.isCut || choice?.finish_reason === "length",
    problem: error === undefined ? before.problem : textOf(error.message) || "The model broke off.",
  };
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

function parsed(data: string): Chunk {
  try {
    return (JSON.parse(data) as Chunk | null) ?? {};
  } catch {
    return {};
  }
}

/** "First token 120 ms, 41 tokens/s, 100 tokens". A model that does not count its tokens mostly sends one at a time. */
export function figuresOf({ firstTokenMs, lastTokenMs, tokens, pieces, isCut }: ChatAnswer): string {
  if (firstTokenMs === null || lastTokenMs === null) return "";
  const count = tokens ?? pieces;
  const about = tokens === null ? "about " : "";
  const seconds = (lastTokenMs - firstTokenMs) / 1000;
  // Of a single piece no speed can be told.
  const speed = pieces > 1 && count > 1 && seconds > 0 ? [`${about}${inFigures((count - 1) / seconds)} tokens/s`] : [];
  const cut = isCut ? ["cut at the token limit"] : [];
  return [`First token ${Math.round(firstTokenMs)} ms`, ...speed, `${about}${count} ${count === 1 ? "token" : "tokens"}`, ...cut].join(" · ");
}

const inFigures = (perSecond: number): string => (perSecond < 10 ? perSecond.toFixed(1) : String(Math.round(perSecond)));

/** What the body of a refusal says: as OpenAI words it, as the gateway does elsewhere, or as it is. */
export function refusalIn(text: string, status: number): string {
  try {
    const { error, detail, message } = JSON.parse(text) as { error?: { message?: unknown }; detail?: unknown; message?: unknown };
    const said = textOf(error?.message) || textOf(detail) || textOf(message);
    if (said !== "") return said;
  } catch {}
  return text.trim() === "" || text.trimStart().startsWith("<") ? `It answered ${status}.` : `It answered ${status}: ${text.trim().slice(0, 500)}`;
}
