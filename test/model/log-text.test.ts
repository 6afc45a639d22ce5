import fc from "fast-check";
import { expect, test } from "vitest";
import { createLogReader, type LogText } from "../../server/model/log-text.ts";
import { partsMaskOf, type Secret } from "../../server/model/mask.ts";

function read(bytes: Uint8Array, sizes: readonly number[], secrets: readonly Secret[], from = 0): readonly LogText[] {
  const reader = createLogReader(partsMaskOf(secrets));
  const texts: LogText[] = [];
  let offset = 0;
  for (const size of [...sizes, bytes.length]) {
    texts.push(...reader.read({ attempt: "1", offset: from + offset, bytes: bytes.subarray(offset, offset + size) }));
    offset = Math.min(bytes.length, offset + size);
  }
  return [...texts, ...reader.end()];
}
const textOf = (texts: readonly LogText[]): string => texts.map(({ text }) => text).join("");
const sizes = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 60 });

test("however a log is cut, its text is the same, and every part says which bytes it stands for", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.string({ unit: "binary" }), sizes, (garbage, words, cuts) => {
      const bytes = Buffer.concat([garbage, Buffer.from(words), Buffer.from("é🙂")]);
      const texts = read(bytes, cuts, []);
      expect(textOf(texts)).toBe(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
      let end = 0;
      for (const { offset, nextOffset, text } of texts) {
        expect(offset).toBe(end);
        expect(text).toBe(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(offset, nextOffset)));
        end = nextOffset;
      }
      expect(end).toBe(bytes.length);
    }),
  );
});

test("however a log is cut, no secret value is left in it, and nothing else is taken from it", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "é"), minLength: 6, maxLength: 9 });
  fc.assert(
    fc.property(fc.uniqueArray(letters, { minLength: 1, maxLength: 3 }), fc.array(fc.oneof(letters, fc.nat())), sizes, (values, parts, cuts) => {
      const text = `${parts.map((part) => (typeof part === "number" ? (values[part % values.length] ?? "") : part)).join("")}.`;
      const secrets = values.map((value, index) => ({ name: `S${index}`, value }));
      const whole = textOf(read(Buffer.from(text), [], secrets));
      expect(values.filter((value) => whole.includes(value))).toEqual([]);
      expect(textOf(read(Buffer.from(text), cuts, secrets))).toBe(whole);
    }),
  );
});

test("a part of a secret with which the reading begins is hidden, and what only looks like one later is not", () => {
  const secrets = [{ name: "KEY", value: "open-sesame" }];
  expect(textOf(read(Buffer.from("sesame is said\n"), [15], secrets, 100))).toBe("[secret KEY] is said\n");
  expect(textOf(read(Buffer.from("x sesame is said\n"), [2], secrets))).toBe("x sesame is said\n");
});

test("a gap, or another attempt, ends what has waited", () => {
  const reader = createLogReader(partsMaskOf([]));
  const euro = Buffer.from("€");
  expect([...reader.read({ attempt: "1", offset: 0, bytes: euro.subarray(0, 2) })]).toEqual([]);
  expect([...reader.read({ attempt: "1", offset: 9, bytes: Buffer.from("a") })]).toEqual([
    { attempt: "1", offset: 0, nextOffset: 2, text: "\uFFFD" },
    { attempt: "1", offset: 9, nextOffset: 10, text: "a" },
  ]);
});
