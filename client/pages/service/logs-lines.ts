/**
 * What a window keeps of a log: its last lines, in blocks that stay the same objects, so that what comes costs no more than the block it
 * goes to. Pure. Memory is bounded by lines and by the length of one.
 */
export type LogLine = { readonly key: number; readonly kind: "TEXT" | "NOTE"; readonly text: string };
export type LogBlock = { readonly key: number; readonly lines: readonly LogLine[] };
export type LogPart = { readonly attempt: string; readonly offset: number; readonly nextOffset: number; readonly text: string };

export type LogLines = {
  readonly blocks: readonly LogBlock[];
  /** The last line has not ended yet. */
  readonly isOpen: boolean;
  /** Where to go on; null before anything has come. */
  readonly end: { readonly attempt: string; readonly offset: number } | null;
  readonly nextKey: number;
  /** How many lines were let go because there were more. */
  readonly dropped: number;
};

export const linesMax = 5_000;
const blockLines = 100;
/** Of a line; a longer one goes on in the next. */
const charactersMax = 4_000;

export const noLines: LogLines = { blocks: [], isOpen: false, end: null, nextKey: 0, dropped: 0 };

export const countOfLines = ({ blocks }: LogLines): number => blocks.reduce((count, { lines }) => count + lines.length, 0);

/** A part that is known already (a connection that came back tells it again) changes nothing. */
export function withPart(before: LogLines, { attempt, offset, nextOffset, text }: LogPart): LogLines {
  const { end } = before;
  const goesOn = end?.attempt === attempt;
  if (goesOn && offset < end.offset) return before;
  const notes: string[] = [];
  if (end !== null && !goesOn) notes.push(`Another attempt begins: ${attempt.slice(attempt.indexOf(".") + 1)}`);
  const from = goesOn ? end.offset : 0;
  if (offset > from)
    notes.push(end === null ? `It begins earlier: all that is kept is in the download` : `${offset - from} bytes between are not here`);
  const noted = notes.reduce((lines, note) => append(lines, { kind: "NOTE", text: note }), notes.length > 0 ? { ...before, isOpen: false } : before);
  return { ...withText(noted, text), end: { attempt, offset: nextOffset } };
}

function withText(before: LogLines, text: string): LogLines {
  const pieces = text.split("\n");
  const isOpen = pieces.at(-1) !== "";
  if (!isOpen) pieces.pop();
  let lines = before;
  pieces.forEach((piece, index) => {
    const last = index === 0 && lines.isOpen ? lines.blocks.at(-1)?.lines.at(-1) : undefined;
    const whole = last === undefined ? piece : last.text + piece;
    if (last !== undefined) lines = withoutLast(lines);
    for (let at = 0; at === 0 || at < whole.length; at += charactersMax)
      lines = append(lines, { kind: "TEXT", text: whole.slice(at, at + charactersMax) });
  });
  return pieces.length === 0 ? lines : { ...lines, isOpen };
}

function append(before: LogLines, line: Omit<LogLine, "key">): LogLines {
  const added = { ...line, key: before.nextKey };
  const last = before.blocks.at(-1);
  const blocks =
    last === undefined || last.lines.length >= blockLines
      ? [...before.blocks, { key: before.nextKey, lines: [added] }]
      : [...before.blocks.slice(0, -1), { ...last, lines: [...last.lines, added] }];
  const [first] = blocks;
  const isTooMany = blocks.length > linesMax / blockLines && first !== undefined;
  return {
    ...before,
    blocks: isTooMany ? blocks.slice(1) : blocks,
    dropped: before.dropped + (isTooMany ? first.lines.length : 0),
    nextKey: before.nextKey + 1,
  };
}

function withoutLast(before: LogLines): LogLines {
  const last = before.blocks.at(-1);
  if (last === undefined) return before;
  const kept = before.blocks.slice(0, -1);
  const lines = last.lines.slice(0, -1);
  return { ...before, blocks: lines.length === 0 ? kept : [...kept, { ...last, lines }] };
}

// oxlint-disable-next-line no-control-regex -- what terminals act on, and a page cannot
const controls = /\u001b\[[0-9;?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[\0-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

/** As a terminal would leave the line: without colours, and with what was written over what (progress bars). */
export function shownOf(text: string): string {
  const plain = text.replaceAll(controls, "").replace(/\r+$/, "");
  return plain.slice(plain.lastIndexOf("\r") + 1);
}

/** Keys of the lines that have it, in their order. */
export function linesWith({ blocks }: LogLines, search: string): readonly number[] {
  if (search === "") return [];
  const wanted = search.toLowerCase();
  return blocks.flatMap(({ lines }) => lines.flatMap(({ key, text }) => (shownOf(text).toLowerCase().includes(wanted) ? key : [])));
}
