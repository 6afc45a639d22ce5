/** The pure parts of trying a service out in the console. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { figuresOf, noAnswer, refusalIn, withChunk } from "../../client/pages/try/chat-answer.ts";
import { eventsOf } from "../../client/pages/try/events-of.ts";
import { firstRequest, headersIn } from "../../client/pages/try/request-draft.ts";
import { serverTimings } from "../../client/pages/try/server-timing.ts";
import { chatIn, requestIn } from "../../client/pages/try/snippets.ts";

describe("the events of a stream", () => {
  const read = async (bytes: Uint8Array, cuts: readonly number[]) => {
    const places = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].toSorted((one, other) => one - other);
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const [index, place] of places.entries()) controller.enqueue(bytes.subarray(place, places[index + 1]));
        controller.close();
      },
    });
    const found: string[] = [];
    for await (const event of eventsOf(body)) found.push(event);
    return found;
  };

  test("come whole wherever the stream is cut, whatever ends its lines, and end where it says so", async () => {
    const event = fc.string({ unit: "grapheme" }).filter((text) => !/[\r\n]/.test(text) && text !== "[DONE]");
    const end = fc.constantFrom("\n", "\r\n");
    await fc.assert(
      fc.asyncProperty(fc.array(event), end, fc.array(fc.nat(), { maxLength: 30 }), async (events, line, cuts) => {
        const stream = [": a comment", ...events.flatMap((data) => [`data: ${data}`, ""]), "data: [DONE]", "", "data: after", "", ""].join(line);
        expect(await read(Buffer.from(stream), cuts)).toEqual(events);
      }),
    );
  });
});

describe("an answer of a chat", () => {
  const delta = (said: object, more: object = {}) => JSON.stringify({ choices: [{ delta: said, ...more }] });

  test("grows by its pieces, and says how fast it came", () => {
    let answer = withChunk(noAnswer, delta({ role: "assistant", content: "" }), 50);
    expect(figuresOf(answer)).toBe("");
    for (const [index, piece] of ["An", " inn", "."].entries()) answer = withChunk(answer, delta({ content: piece }), 100 + index * 500);
    expect(answer.text).toBe("An inn.");
    expect(figuresOf(answer)).toBe("First token 100 ms · about 2.0 tokens/s · about 3 tokens");
    answer = withChunk(answer, delta({}, { finish_reason: "length" }), 1200);
    answer = withChunk(answer, JSON.stringify({ choices: [], usage: { completion_tokens: 101 } }), 1200);
    expect(figuresOf(answer)).toBe("First token 100 ms · 100 tokens/s · 101 tokens · cut at the token limit");
  });

  test("that is not streamed, or thinks first, is one all the same", () => {
    const whole = JSON.stringify({ choices: [{ message: { content: "hello" } }], usage: { completion_tokens: 1 } });
    expect(figuresOf(withChunk(noAnswer, whole, 10))).toBe("First token 10 ms · 1 token");
    const thinking = withChunk(withChunk(noAnswer, delta({ reasoning_content: "hm" }), 5), delta({ content: "yes" }), 9);
    expect(thinking).toMatchObject({ text: "yes", thinking: "hm", firstTokenMs: 5 });
  });

  test("is not led astray by what is no event of a chat", () => {
    for (const odd of ["", "null", "[]", "hello", '{"choices":{}}', '{"choices":[null]}', '{"choices":[{"delta":{"content":1}}]}'])
      expect(withChunk(noAnswer, odd, 1)).toMatchObject({ text: "", problem: null });
    expect(withChunk(noAnswer, '{"error":{"message":"out of memory"}}', 1).problem).toBe("out of memory");
  });

  test("that was refused says why, in whoever's words", () => {
    expect(refusalIn('{"error":{"message":"no such model"}}', 404)).toBe("no such model");
    expect(refusalIn('{"detail":"No route of the service can answer now."}', 503)).toBe("No route of the service can answer now.");
    expect(refusalIn('{"detail":[{"loc":1}]}', 422)).toBe('It answered 422: {"detail":[{"loc":1}]}');
    expect(refusalIn("<html>", 502)).toBe("It answered 502.");
    expect(refusalIn("", 500)).toBe("It answered 500.");
  });
});

test("headers are a name, a colon and a value on each line, and what is none is said", () => {
  expect(headersIn("Accept: text/plain\n\n X-Note :  a: b \nEmpty:")).toEqual({
    ok: true,
    value: [
      ["Accept", "text/plain"],
      ["X-Note", "a: b"],
      ["Empty", ""],
    ],
  });
  for (const wrong of ["Accept", "Bad Name: x", ": x", "X: \u2026"]) expect(headersIn(wrong)).toMatchObject({ ok: false });
});

test("times that servers give are read, and what has none is left out", () => {
  expect(serverTimings('queue;dur=1.5, upstream;dur=34, cache;desc="hit", db;desc=x;dur="7"')).toEqual([
    { name: "queue", ms: 1.5 },
    { name: "upstream", ms: 34 },
    { name: "db", ms: 7 },
  ]);
  expect(serverTimings("")).toEqual([]);
});

test("the first request is a chat where one can be had", () => {
  expect(firstRequest({ kind: "unknown" })).toMatchObject({ method: "GET", path: "/" });
  const chat = firstRequest({ kind: "known", names: ["m"] });
  expect([chat.method, chat.path, (JSON.parse(chat.body) as { model: string }).model]).toEqual(["POST", "/v1/chat/completions", "m"]);
});

test("a token stands in the code only where one is needed, and quotes in a model's name end nothing", () => {
  const open = { endpoint: "http://localhost:10000", openToPublic: true };
  const closed = { ...open, openToPublic: false };
  for (const language of ["curl", "Python", "JavaScript"] as const) {
    for (const codeOf of [requestIn, (of: typeof language, called: typeof open) => chatIn(of, called, "m", true)]) {
      expect(codeOf(language, open)).not.toContain("API_TOKEN");
      expect(codeOf(language, closed)).toContain("API_TOKEN");
    }
  }
  const odd = chatIn("curl", open, `it's "m"`, false);
  expect(odd).toContain(String.raw`-d '{"model":"it'\''s \"m\""`);
});
