import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createModelScan } from "../../server/gateway/model-scan.ts";

/** What is found in the text, cut before each of the given places. */
function scanned(body: string | Buffer, cuts: readonly number[] = []) {
  const bytes = Buffer.from(body as string);
  const scan = createModelScan();
  const places = [0, ...[...cuts].map((cut) => cut % (bytes.length + 1)).toSorted((one, other) => one - other), bytes.length];
  for (const [index, place] of places.entries()) scan.push(bytes.subarray(place, places[index + 1]));
  const { model, mistake, isOver } = scan;
  return { model, mistake, isOver };
}

test("the model is the one that JSON.parse reads, whatever stands around it and wherever the body is cut", () => {
  const body = fc.dictionary(fc.string({ unit: "grapheme" }), fc.jsonValue(), { maxKeys: 6 });
  const cuts = fc.array(fc.nat(), { maxLength: 20 });
  fc.assert(
    fc.property(
      body,
      fc.string({ unit: "grapheme", maxLength: 100 }),
      fc.nat(6),
      fc.constantFrom(undefined, 2),
      cuts,
      (others, model, place, indent, at) => {
        const entries = Object.entries(others).filter(([key]) => key !== "model");
        entries.splice(place, 0, ["model", model]);
        const text = JSON.stringify(Object.fromEntries(entries), null, indent);
        expect(scanned(text, at)).toEqual({ model, mistake: null, isOver: true });
      },
    ),
    { numRuns: 500 },
  );
});

test("the same bytes say the same one by one", () => {
  const text = '\r\n{ "a" : [ {"model":"no"}, "\\"}]" ], "b":{"model":1}, "c":-1.5e3,"d":null, "m\\u006fd\\u0065l" : "n\\u00e4m\\"e" , "e":"\\\\"}';
  expect(scanned(text, [...Buffer.from(text).keys()])).toEqual({ model: 'näm"e', mistake: null, isOver: true });
});

describe("a body that two servers could read in two ways is refused:", () => {
  test.each([
    ["a second model", '{"model":"a","model":"b"}', "twice"],
    ["a second model, written as an escape", '{"model":"a","messages":[],"mod\\u0065l":"b"}', "twice"],
    ["the same model twice", '{"model":"a","model":"a"}', "twice"],
    ["a model that is no string", '{"model":["a"]}', "must be a string"],
    ["a model that is null", '{"model":null}', "must be a string"],
    ["a list", '["model","a"]', "must be a JSON object"],
    ["a string", '"model"', "must be a JSON object"],
    ["a byte order mark", '\uFEFF{"model":"a"}', "must be a JSON object"],
    ["UTF-16", Buffer.from('{"model":"a"}', "utf16le"), "not valid JSON"],
    ["a name that is not UTF-8", Buffer.concat([Buffer.from('{"model":"'), Buffer.from([0xc1, 0xad]), Buffer.from('"}')]), "no name"],
    ["a name with a control character", '{"model":"a\nb"}', "no name"],
    ["a name beyond all names", `{"model":"${"a".repeat(2000)}"}`, "no name"],
    ["a key without quotes", '{model:"a"}', "not valid JSON"],
    ["a comment", '{/*"model":"b",*/"model":"a"}', "not valid JSON"],
    ["single quotes", "{'model':'a'}", "not valid JSON"],
    ["a comma at the end", '{"model":"a",}', "not valid JSON"],
    ["no comma", '{"a":"b" "model":"a"}', "not valid JSON"],
  ])("%s", (_name, body, says) => {
    expect(scanned(body).mistake).toContain(says);
  });
});

test("a model that only looks like one is none", () => {
  const none = { model: null, mistake: null, isOver: true };
  expect(scanned('{"Model":"a","models":"b","":"model","x":{"model":"c"}}')).toEqual(none);
  expect(scanned(Buffer.concat([Buffer.from('{"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('model":"a"}')]))).toEqual(none);
});

test("a million brackets are passed over", () => {
  const depth = 1_000_000;
  expect(scanned(`{"a":${"[".repeat(depth)}${"]".repeat(depth)},"model":"deep"}`).model).toBe("deep");
  expect(scanned(`{"a":${"[".repeat(depth)}`)).toEqual({ model: null, mistake: null, isOver: false });
});
