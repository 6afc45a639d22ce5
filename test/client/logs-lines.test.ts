import { expect, test } from "vitest";
import { countOfLines, linesMax, linesWith, noLines, shownOf, withPart, type LogLines, type LogPart } from "../../client/pages/service/logs-lines.ts";

const part = (attempt: string, offset: number, text: string): LogPart => ({ attempt, offset, nextOffset: offset + text.length, text });
const of = (...parts: readonly LogPart[]): LogLines => parts.reduce(withPart, noLines);
const textsOf = ({ blocks }: LogLines): readonly string[] =>
  blocks.flatMap(({ lines }) => lines.map(({ kind, text }) => (kind === "NOTE" ? `# ${text}` : text)));

test("lines that come in parts are put together, and empty ones stay", () => {
  expect(textsOf(of(part("1", 0, "a\n\nb"), part("1", 4, "c\n"), part("1", 6, "d")))).toEqual(["a", "", "bc", "d"]);
});

test("another attempt, and what is not here, are said; what is known already is not taken twice", () => {
  const lines = of(part("1", 5, "end of one"), part("1", 5, "end of one"), part("2", 0, "two\n"), part("2", 10, "later\n"));
  expect(textsOf(lines)).toEqual([
    "# It begins earlier: all that is kept is in the download",
    "end of one",
    "# Another attempt begins: 2",
    "two",
    "# 6 bytes between are not here",
    "later",
  ]);
  expect(lines.end).toEqual({ attempt: "2", offset: 16 });
});

test("a window keeps the last lines only, of bounded length, and says how many it let go", () => {
  const lines = of(part("1", 0, Array.from({ length: 3 * linesMax }, (_, index) => `line ${index}\n`).join("")));
  expect(countOfLines(lines)).toBeLessThanOrEqual(linesMax);
  expect(countOfLines(lines) + lines.dropped).toBe(3 * linesMax);
  expect(textsOf(lines).at(-1)).toBe(`line ${3 * linesMax - 1}`);
  const long = of(...Array.from({ length: 100 }, (_, index) => part("1", index * 1000, "x".repeat(1000))));
  expect(Math.max(...textsOf(long).map(({ length }) => length))).toBeLessThanOrEqual(4000);
  expect(textsOf(long).join("")).toHaveLength(100_000);
});

test("a block that nothing is added to stays the same, so that it is not rendered again", () => {
  const before = of(part("1", 0, "a\n".repeat(250)));
  const after = withPart(before, part("1", 500, "b\n"));
  expect(after.blocks[0]).toBe(before.blocks[0]);
  expect(after.blocks[1]).toBe(before.blocks[1]);
});

test("a line is shown as a terminal would leave it, and found by what is shown", () => {
  expect(shownOf("\u001b[1;32mok\u001b[0m\u0007 10%\r 100%\r")).toBe(" 100%");
  expect(shownOf("\u001b]0;title\u0007text")).toBe("text");
  expect(linesWith(of(part("1", 0, "an \u001b[31mERR\u001b[0mor\nfine\n")), "error")).toEqual([0]);
});
