/** Model definitions as the API tells of them: checked without a service, kept by revisions, completed by environments. */
import { expect, test } from "vitest";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ModelService } from "../../server/model/model-definition.ts";
import { guideDefinition, testApi, type TestApi } from "../support/api.ts";

const check = async (api: TestApi, yaml: string, fileName: string | null = null) => {
  const { data } = await api.ask(
    `query ($yaml: String!, $fileName: String) { checkModelDefinition(yaml: $yaml, fileName: $fileName) {
      valid problems { path line column message hint } warnings { line column message hint }
      model { modelName modelPath title startCommand shell port healthCheckPath initialDelaySeconds
        healthCheck { path maxRetries intervalSeconds maxWaitSeconds expectedStatusCode } startActions { index action summary ref } } } }`,
    { yaml, fileName },
  );
  return data?.["checkModelDefinition"];
};

test("a definition that is checked is shown as what it means", async () => {
  await using api = await testApi();
  const actions = "pre_start_actions:\n        - action: run_command\n          ref: list\n          args: {command: [ls, -l]}\n      port: 8000";
  const yaml = guideDefinition.replace("port: 8000", actions).replace("    service:", "    metadata: {title: A server}\n    service:");
  expect(await check(api, yaml, "model-definition.yaml")).toEqual({
    valid: true,
    problems: [],
    warnings: [],
    model: {
      modelName: "simple-http-server",
      modelPath: "/models",
      title: "A server",
      startCommand: ["python", "-m", "http.server", "--bind", "0.0.0.0", "8000"],
      shell: null,
      port: 8000,
      healthCheckPath: "/",
      initialDelaySeconds: 1800,
      healthCheck: { path: "/", maxRetries: 5, intervalSeconds: 10, maxWaitSeconds: 15, expectedStatusCode: 200 },
      startActions: [{ index: 0, action: "run_command", summary: "ls -l", ref: "list" }],
    },
  });
});

test("one that is wrong is told by place and hint, and means nothing", async () => {
  await using api = await testApi();
  expect(await check(api, guideDefinition.replace("port: 8000", "prot: 8000"))).toMatchObject({
    valid: false,
    problems: [{ path: "models[0].service.prot", line: 12, column: 7, message: "`prot` is not known here", hint: "Did you mean `port`?" }],
    model: null,
  });
});

test("a name under which it would not be read is a warning", async () => {
  await using api = await testApi();
  const { valid, warnings } = await check(api, guideDefinition, "Model-Definition.YAML");
  expect(valid).toBe(true);
  expect(warnings).toMatchObject([{ line: null, hint: "Name it `model-definition.yaml`." }]);
});

test("in a folder .yml wins over .yaml, and what is not read is told", async () => {
  await using api = await testApi();
  const folderId = await api.createFolder("models");
  const place = join(api.foldersDirectory, folderId);
  await writeFile(join(place, "model-definition.yaml"), "models: []");
  await writeFile(join(place, "Model_Definition.yml.txt"), "models: []");
  const { data } = await api.ask("query ($id: ID!) { folder(id: $id) { definitionFile { path content warnings { message hint } } } }", {
    id: folderId,
  });
  expect(data?.["folder"].definitionFile).toEqual({
    path: "model-definition.yml",
    content: guideDefinition,
    warnings: [
      { message: "`model-definition.yaml` is not read: where both are present, `model-definition.yml` is", hint: "Delete one of them." },
      { message: "`Model_Definition.yml.txt` is not read: `model-definition.yml` is", hint: "Delete or rename `Model_Definition.yml.txt`." },
    ],
  });
});

test("where only a look-alike is in the folder, the service says how to rename it; renamed and retried, it is read", async () => {
  await using api = await testApi();
  const folderId = await api.createFolder("models", null);
  const place = join(api.foldersDirectory, folderId);
  await writeFile(join(place, "mоdel-definition.yml"), guideDefinition);
  const { id } = await api.createService("a", folderId);
  const problems = async () =>
    (await api.ask("query ($id: ID!) { service(id: $id) { revision { definitionProblems { message hint } } } }", { id })).data?.["service"].revision
      .definitionProblems;
  expect(await problems()).toEqual([
    {
      message: "the folder has no `model-definition.yml` or `model-definition.yaml`",
      hint: "There is `mоdel-definition.yml`: rename it to `model-definition.yml`, then clear errors and retry.",
    },
  ]);
  await rename(join(place, "mоdel-definition.yml"), join(place, "model-definition.yml"));
  await api.change("clearErrorsAndRetry", { id }, "service { id }");
  expect(await problems()).toEqual([]);
});

const withoutService = "models:\n  - name: bare\n    model_path: /models\n";
const defaultService: ModelService = {
  pre_start_actions: [],
  start_command: ["serve", "{model_path}"],
  shell: null,
  port: 9000,
  health_check: null,
};

test("a definition without service is run as its environment does it", async () => {
  await using api = await testApi();
  await api.database.sql`update environments set default_service = ${JSON.stringify(defaultService)}::text::jsonb`;
  const { id } = await api.createService("a", await api.createFolder("models", withoutService));
  const { data } = await api.ask(
    "query ($id: ID!) { service(id: $id) { revision { definition { modelName port startCommand } definitionProblems { message } } } }",
    { id },
  );
  expect(data?.["service"].revision).toEqual({
    definition: { modelName: "bare", port: 9000, startCommand: ["serve", "{model_path}"] },
    definitionProblems: [],
  });
});

test("without a command of the environment it is refused at the environment's field, and nothing is made", async () => {
  await using api = await testApi();
  const folderId = await api.createFolder("models", withoutService);
  const refused = await api.change("createService", { name: "a", folderId }, "service { id }");
  expect(refused).toMatchObject({
    __typename: "ValidationError",
    fields: [{ path: "environmentId", message: expect.stringContaining("Host has none") }],
  });
  expect((await api.ask("{ services { edges { node { id } } } }")).data?.["services"].edges).toEqual([]);
});

test("a definition that lost its service is a problem of the next revision, which a default command heals", async () => {
  await using api = await testApi();
  const folderId = await api.createFolder("models");
  const { id } = await api.createService("a", folderId);
  await api.folders.writeFile(folderId, { path: "model-definition.yml", content: withoutService, ifMatch: null });
  const retried = async () =>
    (await api.change("clearErrorsAndRetry", { id }, "service { revision { number definition { port } definitionProblems { path message } } }"))[
      "service"
    ].revision;
  expect(await retried()).toEqual({
    number: 2,
    definition: null,
    definitionProblems: [{ path: "models", message: "no model has a `service`, and the environment Host has no command of its own" }],
  });
  await api.database.sql`update environments set default_service = ${JSON.stringify(defaultService)}::text::jsonb`;
  expect(await retried()).toEqual({ number: 3, definition: { port: 9000 }, definitionProblems: [] });
});
