/** What a session writes of its own secrets is captured by control; real processes, and the rows as they are in the database. */
import { expect, test } from "vitest";
import { createVariableSecrets } from "../../server/auth/variable-secrets.ts";
import { openControlWorld } from "./world.ts";

const patience = { timeout: 45_000, interval: 50 };
const token = "hf_TheTokenOfThisTest.$&";

const definition = `models:
  - name: m
    model_path: /models
    service:
      pre_start_actions:
        - action: run_command
          args: { command: [env] }
      start_command:
        - python
        - -c
        - |
          import os
          raise RuntimeError("401 Unauthorized for " + os.environ["HF_TOKEN"])
      port: 8000
`;

test("a secret that a model dies over, or that env prints, is in no row that control writes", async () => {
  const secrets = createVariableSecrets(() => "the secret of this installation");
  await using world = await openControlWorld(secrets.decrypt);
  const encrypted = await secrets.encrypt(world.who.projectId, "HF_TOKEN", token);
  const { id } = await world.create(definition, 1, {
    variables: [
      { name: "HF_TOKEN", encrypted },
      { name: "PLAIN", value: "for everybody" },
    ],
  });
  await expect.poll(() => world.reason(id), patience).toContain("RuntimeError: 401 Unauthorized for [secret HF_TOKEN]");
  const rows = async (): Promise<string> => {
    const of = await world.database.sql`
      select (select jsonb_agg(services) from services) as services, (select jsonb_agg(routes) from routes) as routes,
        (select jsonb_agg(route_events) from route_events) as events`;
    return JSON.stringify(of);
  };
  await expect.poll(rows, patience).toContain("HF_TOKEN=[secret HF_TOKEN]\\n");
  const written = await rows();
  expect(written).toContain("PLAIN=for everybody");
  expect(written).not.toContain("TheTokenOf");
});
