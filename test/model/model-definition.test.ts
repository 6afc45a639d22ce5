import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { servedModel } from "../../server/model/model-definition.ts";
import { parseModelDefinition } from "../../server/model/parse-definition.ts";
import { guide } from "./definition-texts.ts";

test("the guide's definition parses to its documented meaning, with the documented defaults", () => {
  const parsed = parseModelDefinition(guide);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  expect(servedModel(parsed.definition)).toMatchObject({
    name: "simple-http-server",
    model_path: "/models",
    service: {
      start_command: ["python", "-m", "http.server", "--directory", "/home/work", "8000"],
      port: 8000,
      health_check: { path: "/", max_retries: 5, interval: 10, max_wait_time: 15, expected_status_code: 200, initial_delay: 1800 },
    },
  });
});

test("the example that is served first is the guide's, unchanged", async () => {
  expect(await readFile(new URL("../../examples/simple-http-server/model-definition.yml", import.meta.url), "utf8")).toBe(guide);
});
