/** Definitions to try: the guide's own, with one thing changed, and small ones around one part. */
import { expect } from "vitest";
import { parseModelDefinition } from "../../server/model/parse-definition.ts";

export const guide = `models:
  - name: "simple-http-server"
    model_path: "/models"
    service:
      start_command:
        - python
        - -m
        - http.server
        - --directory
        - /home/work
        - "8000"
      port: 8000
      health_check:
        path: /
        max_retries: 5
`;

/** The guide's definition with one place changed. */
export function edited(from: string, to: string): string {
  if (!guide.includes(from)) throw new Error(`the guide's definition has no ${from}`);
  return guide.replace(from, to);
}

export const withActions = (actions: string): string => `models:
  - name: a
    model_path: /models
    service:
      pre_start_actions:
${actions.replaceAll(/^(?=.)/gm, "        ")}
      start_command: [serve]
      port: 8000
`;

export const withCommand = (command: string): string => `models:
  - name: a
    model_path: /models
    service:
      start_command: ${command}
      port: 8000
`;

export type Broken = {
  readonly wrong: string;
  readonly yaml: string;
  /** Line and column. */
  readonly at: readonly [number, number];
  readonly path: string;
  readonly says: string;
  readonly hint: string | null;
  /** Problems besides the first. */
  readonly others?: number;
};

export function expectNamed({ yaml, at: [line, column], path, says, hint, others = 0 }: Broken): void {
  const parsed = parseModelDefinition(yaml);
  if (parsed.ok) throw new Error("it should have been refused");
  const expected = { line, column, path, message: expect.stringContaining(says), hint: hint === null ? null : expect.stringContaining(hint) };
  expect(parsed.problems[0], JSON.stringify(parsed.problems)).toEqual(expected);
  expect(parsed.problems, JSON.stringify(parsed.problems)).toHaveLength(1 + others);
}

export function accepted(yaml: string) {
  const parsed = parseModelDefinition(yaml);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed;
}
