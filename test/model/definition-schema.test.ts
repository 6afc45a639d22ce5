/** The JSON Schema that editors read: it accepts what the check accepts, refuses what is built wrongly, and explains every key. */
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { definitionJsonSchema } from "../../server/model/definition-json-schema.ts";
import { accepted, edited, guide, withActions, withCommand } from "./definition-texts.ts";

type Schema = Record<string, unknown> & { readonly properties?: Record<string, Schema> };

const file = new URL("../../schema/model-definition.schema.json", import.meta.url);
const committed = JSON.parse(await readFile(file, "utf8")) as Schema;
const schema = z.fromJSONSchema(committed as Parameters<typeof z.fromJSONSchema>[0]);

test("the committed file is what the check's schema says", () => {
  expect(committed).toEqual(definitionJsonSchema());
});

test.each([
  ["the guide's", guide],
  ["one with empty optional keys", withCommand("serve\n      pre_start_actions:\n      shell:\n      health_check:")],
  ["one with an empty health check", withCommand("serve\n      health_check: {}")],
  [
    "one with all of a health check",
    edited("max_retries: 5", "interval: 1.5\n        max_wait_time: 2\n        expected_status_code: 204\n        initial_delay: 60"),
  ],
  ["one with numbers in quotes", edited("port: 8000", 'port: "8000"')],
  ["the original's `command`", edited("start_command", "command")],
  ["one without service", "models:\n  - name: a\n    model_path: /m\n    service:\n    metadata: {title: A, other: [1]}\n"],
  [
    "one with all actions",
    withActions(`- action: write_file
  args: {filename: a, body: [b], mode: "600", append: true}
- action: write_tempfile
  ref: s
  args: {body: x}
- action: run_command
  args: {command: [ls], ignore_errors: true, time_limit: 5}
- action: mkdir
  args: {path: x}
- action: log
  args: {message: hi, debug: false}`),
  ],
])("%s is accepted by it as by the check", (_what, yaml) => {
  accepted(yaml);
  expect(schema.safeParse(parse(yaml)).error).toBeUndefined();
});

test.each([
  ["an unknown key", edited("port:", "prot:")],
  ["a missing key", edited("      port: 8000\n", "")],
  ["no start command", edited("start_command", "started")],
  ["both names of the start command", withCommand("serve\n      command: serve")],
  ["a port in words", edited("port: 8000", "port: eight")],
  ["a port out of range", edited("port: 8000", "port: 70000")],
  ["a number in the command", edited('"8000"', "8000")],
  ["a relative model_path", edited('"/models"', "models")],
  ["an unknown action", withActions("- action: shell\n  args: {}")],
  ["an action without args", withActions("- action: mkdir")],
  ["an action with another's argument", withActions("- action: mkdir\n  args: {path: a, body: b}")],
  ["no models", "models: []"],
])("%s is refused by it", (_what, yaml) => {
  expect(schema.safeParse(parse(yaml)).success).toBe(false);
});

/** All that an editor can show a text for. */
function keysIn(one: unknown, at = ""): { readonly at: string; readonly schema: Schema }[] {
  if (typeof one !== "object" || one === null) return [];
  const own = Object.entries((one as Schema).properties ?? {}).map(([key, property]) => ({ at: `${at}.${key}`, schema: property }));
  const below = Object.entries(one).flatMap(([key, value]) =>
    key === "default" || key === "examples" ? [] : keysIn(value, key === "properties" ? at : `${at}.${key}`),
  );
  return [...own, ...below];
}

test("every key has a text for whoever writes it, and what it takes", () => {
  const keys = keysIn(committed);
  expect(keys.length).toBeGreaterThan(50);
  expect(keys.filter(({ schema: { description } }) => typeof description !== "string" || description.length < 15).map(({ at }) => at)).toEqual([]);
});

test("defaults are said where there are some", () => {
  const defaults = keysIn(committed).flatMap(({ at, schema: one }) =>
    one["default"] === undefined ? [] : [`${at.split(".").at(-1) ?? ""}: ${JSON.stringify(one["default"])}`],
  );
  const health = ['path: "/"', "max_retries: 10", "interval: 10", "max_wait_time: 15", "expected_status_code: 200", "initial_delay: 1800"];
  expect(defaults).toEqual(expect.arrayContaining([...health, 'mode: "644"', "append: false", "debug: false", "ignore_errors: false"]));
});
