import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { maskObservation, maskOf } from "../../server/model/mask.ts";
import type { SessionId } from "../../server/model/ids.ts";
import type { Observation } from "../../server/model/session.ts";

const token = "hf_AbCdEfGhIjKlMnOp";
const mask = maskOf([
  { name: "HF_TOKEN", value: token },
  { name: "SHORT", value: "admin" },
  { name: "LONGER", value: `${token}-and-more` },
  { name: "CERTIFICATE", value: "-----BEGIN-----\nabc.def+\n-----END-----\n" },
  { name: "WORD", value: "secret" },
  { name: "KEY", value: "-----KEY-----\n  MIIEvQIBADANBgkqhkiG\n9w0BAQEFAASCBKcwggSj\n-----END KEY-----" },
]);

describe("A secret value in what a session wrote", () => {
  test.each([
    [`401 for token ${token}: no`, "401 for token [secret HF_TOKEN]: no"],
    [`${token}${token}`, "[secret HF_TOKEN][secret HF_TOKEN]"],
    [`${token}-and-more`, "[secret LONGER]"],
    ["is\n-----BEGIN-----\nabc.def+\n-----END-----", "is\n[secret CERTIFICATE]"],
    ["a secret", "a [secret WORD]"],
    ["GhIjKlMnOp is refused", "[secret HF_TOKEN] is refused"],
    ["token hf_AbCdEfG", "token [secret LONGER]"],
    ["token hf_AbCdEfG…", "token [secret LONGER]"],
    ["the admin said abc.def", "the admin said abc.def"],
    ["Bad line 9w0BAQEFAASCBKcwggSj (2)", "Bad line [secret KEY] (2)"],
    ["", ""],
  ])("%j reads %j", (text, shown) => {
    expect(mask(text)).toBe(shown);
  });

  test("survives in no text, whatever the values and the text are", () => {
    const value = fc.oneof(
      fc.string({ minLength: 6, maxLength: 12 }),
      fc.string({ unit: fc.constantFrom("a", "b", ".", "[", "s"), minLength: 6, maxLength: 9 }),
    );
    const secrets = fc.uniqueArray(value, { minLength: 1, maxLength: 4 });
    const others = fc.string({ unit: fc.constantFrom("a", "b", ".", "[", "s", "\n"), maxLength: 10 });
    fc.assert(
      fc.property(secrets, fc.array(fc.tuple(others, fc.nat())), others, (values, parts, last) => {
        const text = parts.map(([other, which]) => other + (values[which % values.length] ?? "")).join("") + last;
        const marked = maskOf(values.map((one, index) => ({ name: `¶${index}`, value: one })))(text);
        // A mark is no part of the text: what is left of it stands between marks.
        const left = marked.split(/\[secret ¶\d\]/);
        for (const one of values) expect(left.filter((piece) => piece.includes(one))).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  test("is in no text of an observation, and everything else in it stays", () => {
    const at = new Date(0);
    const action = { index: 0, action: "run_command", exitCode: 1, timedOut: false };
    const result = { ...action, durationMs: 1, out: `out ${token}`, err: `err ${token}`, outCut: true, errCut: false };
    const seen: Observation = {
      sessionId: "ses_x" as SessionId,
      state: "BACKING_OFF",
      attempt: "1",
      node: { id: "n", name: "machine" },
      address: null,
      retryAt: at,
      lastExit: {
        code: 1,
        signal: null,
        outOfMemory: false,
        at,
        outputTail: `tail ${token}`,
        message: `message ${token}`,
        action: { ...action, said: `said ${token}` },
      },
      unplaced: {
        nodesEvaluated: 1,
        nodesFiltered: 0,
        nodesExhausted: 0,
        constraintFiltered: {},
        dimensionExhausted: {},
        message: `unplaced ${token}`,
      },
      step: null,
      events: [{ key: "1:ACTION:0", at, kind: "ACTION", message: `event ${token}`, action: result }],
    };
    const masked = JSON.stringify(maskObservation(seen, mask));
    expect(masked).toBe(JSON.stringify(seen).replaceAll(token, "[secret HF_TOKEN]"));
    expect(masked).not.toContain(token);
  });
});
