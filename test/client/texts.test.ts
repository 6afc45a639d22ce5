/** The pure parts of editing and starting in the console. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { differenceOf } from "../../client/pages/edit/difference.ts";
import { parseEnv } from "../../client/pages/service-form/parse-env.ts";
import { plainly } from "../../client/parts/visible-name.ts";

describe("the difference between two texts", () => {
  const lines = fc.array(fc.constantFrom("a", "b", "c", "", "d e"), { maxLength: 12 }).map((each) => each.join("\n"));

  test("holds every line that is only in one of them, on its own side, and in order", () => {
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const shown = differenceOf(before, after);
        const [old, next] = [before.split("\n"), after.split("\n")];
        let [atOld, atNext] = [0, 0];
        for (const line of shown) {
          if (line.kind === "skipped") {
            expect(old.slice(atOld, atOld + line.count)).toEqual(next.slice(atNext, atNext + line.count));
            atOld += line.count;
            atNext += line.count;
            continue;
          }
          if (line.kind !== "come") expect(old[atOld++]).toBe(line.text);
          if (line.kind !== "gone") expect(next[atNext++]).toBe(line.text);
        }
        expect([atOld, atNext]).toEqual([old.length, next.length]);
      }),
    );
  });

  test("is nothing but what is alike where the texts are equal", () => {
    fc.assert(
      fc.property(lines, (text) => {
        expect(differenceOf(text, text).filter(({ kind }) => kind !== "skipped")).toEqual([]);
      }),
    );
  });
});

describe("a pasted .env file", () => {
  test.each([
    [
      "LEVEL=3\nOTHER = x y \n",
      [
        ["LEVEL", "3"],
        ["OTHER", "x y"],
      ],
    ],
    [
      "# comment\nexport A=1 # why\n\nB=\n",
      [
        ["A", "1"],
        ["B", ""],
      ],
    ],
    [
      `A="two\\nlines" # c\nB='as it \\n is'\n`,
      [
        ["A", "two\nlines"],
        ["B", "as it \\n is"],
      ],
    ],
    [
      `A="over\ntwo lines"\r\nB=2\r\n`,
      [
        ["A", "over\ntwo lines"],
        ["B", "2"],
      ],
    ],
    ["A=1\nA=2", [["A", "2"]]],
    ["URL=http://x/#y", [["URL", "http://x/#y"]]],
    ["just a name", []],
  ] as const)("%j", (text, wanted) => {
    expect(parseEnv(text).map(({ name, value }) => [name, value])).toEqual(wanted);
  });

  test("hides what is likely a secret, and nothing else", () => {
    const secret = parseEnv("HF_TOKEN=a\nAPI_KEY=b\nDB_PASSWORD=c\nKEYBOARD=d\nMONKEY=e\nLEVEL=f").filter((each) => each.secret);
    expect(secret.map(({ name }) => name)).toEqual(["HF_TOKEN", "API_KEY", "DB_PASSWORD"]);
  });

  test("keeps every value that is written between single quotes as it is", () => {
    fc.assert(
      fc.property(
        fc.string().filter((value) => !/['\r]/.test(value)),
        (value) => {
          expect(parseEnv(`NAME='${value}'`)).toMatchObject([{ name: "NAME", value }]);
        },
      ),
    );
  });
});

describe("a name as it is shown", () => {
  test("has nothing in it that cannot be seen or turns the rest around, and is never shorter than it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (name) => {
        const shown = plainly(name);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cs}\p{Bidi_Control}]/u);
        expect(shown).toBe(shown.trim());
        expect(Array.from(shown).length).toBeGreaterThanOrEqual(Array.from(name).length);
      }),
    );
  });

  test.each([
    ["model-00001.safetensors", "model-00001.safetensors"],
    ["größe 50% 日本 👩‍🚀.txt", "größe 50% 日本 👩‍🚀.txt"],
    ["two\nlines\t.txt", "two\\nlines\\t.txt"],
    [" a b ", "␣a b␣"],
    ["gnp\u202Egpj.exe", "gnpU+202Egpj.exe"],
    ["caf\uDCE9", "caf\\xe9"],
  ])("%j is shown as %s", (name, shown) => expect(plainly(name)).toBe(shown));
});
