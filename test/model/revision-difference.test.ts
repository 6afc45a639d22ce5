import fc from "fast-check";
import { expect, test } from "vitest";
import { parseModelDefinition } from "../../server/model/parse-definition.ts";
import { fileProblem } from "../../server/model/problem.ts";
import { differencesOf, type ComparedRevision } from "../../server/model/revision-difference.ts";
import { guideDefinition } from "../support/api.ts";

const definition = (text: string) => {
  const parsed = parseModelDefinition(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.definition;
};
const base: ComparedRevision = {
  folder: { id: "fld_1", name: "models" },
  environment: { id: "env_1", name: "Host" },
  image: null,
  resourceGroup: { id: "rg_1", name: "default" },
  resources: { cpu: 1, memoryGiB: 2, sharedMemoryGiB: 0, accelerators: [] },
  mounts: [],
  clusterMode: "SINGLE_NODE",
  clusterSize: 1,
  modelReadOnly: false,
  variables: [],
  definition: definition(guideDefinition),
  definitionProblems: [],
  definitionHash: "a".repeat(64),
};
const differences = (after: Partial<ComparedRevision>, before: Partial<ComparedRevision> = {}) =>
  differencesOf({ ...base, ...before }, { ...base, ...after }).map((one) => [one.path, one.before, one.after]);

test("what a user can change is told field by field, by name", () => {
  expect(
    differences({
      folder: { id: "fld_2", name: "llama" },
      environment: { id: "env_2", name: "Python" },
      resources: { cpu: 2, memoryGiB: 2, sharedMemoryGiB: 1, accelerators: [{ name: "nvidia/gpu", count: 2 }] },
      mounts: [{ folder: { id: "fld_3", name: "data" }, path: "/data", readOnly: true }],
      modelReadOnly: true,
      variables: [{ name: "A", value: "1" }],
    }),
  ).toEqual([
    ["environment", "Host", "Python"],
    ["folder", "models", "llama"],
    ["modelReadOnly", "false", "true"],
    ["mounts[/data]", null, "data, read-only"],
    ["resources.accelerators[nvidia/gpu]", null, "2"],
    ["resources.cpu", "1", "2"],
    ["resources.sharedMemoryGiB", "0", "1"],
    ["variables.A", null, "1"],
  ]);
});

test("two of the same name are told apart", () => {
  expect(differences({ folder: { id: "fld_2", name: "models" } })).toEqual([["folder", "models (fld_1)", "models (fld_2)"]]);
});

test("a definition is compared by what it means, a command as a whole", () => {
  const text = guideDefinition.replaceAll("8000", "9000").replace("max_retries: 5", "max_retries: 7");
  expect(differences({ definition: definition(text) })).toEqual([
    ["definition.models[0].service.health_check.max_retries", "5", "7"],
    ["definition.models[0].service.port", "8000", "9000"],
    [
      "definition.models[0].service.start_command",
      '["python","-m","http.server","--bind","0.0.0.0","8000"]',
      '["python","-m","http.server","--bind","0.0.0.0","9000"]',
    ],
  ]);
  const withoutCheck = guideDefinition.split("      health_check")[0] ?? "";
  const paths = differences({ definition: definition(withoutCheck) }).map(([path, , after]) => [path, after]);
  expect(paths).toContainEqual(["definition.models[0].service.health_check.path", null]);
});

test("where only the text of a definition differs, its hash does", () => {
  expect(differences({ definitionHash: "b".repeat(64) })).toEqual([["definitionHash", "a".repeat(64), "b".repeat(64)]]);
});

test("a definition that cannot be used is told by what is wrong with it", () => {
  const broken = { definition: null, definitionHash: null, definitionProblems: [{ ...fileProblem("port is missing", null), line: 3, column: 1 }] };
  expect(differences(broken)).toEqual([["definition", "can be used", "cannot be used: port is missing (line 3, column 1)"]]);
  expect(differences(broken, broken)).toEqual([]);
});

test("a secret is not shown, and only that it changed is told", () => {
  const secret = (encrypted: string) => ({ variables: [{ name: "TOKEN", encrypted }] });
  const told = differencesOf({ ...base, ...secret("v1.one") }, { ...base, ...secret("v1.two") });
  expect(told).toEqual([{ path: "variables.TOKEN", before: "a secret", after: "a secret", secret: true }]);
  expect(differences(secret("v1.one"), { variables: [{ name: "TOKEN", value: "a secret" }] })).toEqual([["variables.TOKEN", "a secret", "a secret"]]);
});

const word = fc.constantFrom("a", "b", "c");
const named = fc.record({ id: word, name: word });
const unique = <T>(item: fc.Arbitrary<T>, key: (one: T) => string) => fc.uniqueArray(item, { selector: key, maxLength: 3 });
const revision: fc.Arbitrary<ComparedRevision> = fc.record({
  folder: named,
  environment: named,
  image: fc.option(word),
  resourceGroup: named,
  resources: fc.record({
    cpu: fc.nat(3),
    memoryGiB: fc.nat(3),
    sharedMemoryGiB: fc.nat(3),
    accelerators: unique(fc.record({ name: word, count: fc.nat(3) }), (one) => one.name),
  }),
  mounts: unique(fc.record({ folder: named, path: word.map((name) => `/${name}`), readOnly: fc.boolean() }), (one) => one.path),
  clusterMode: fc.constantFrom("SINGLE_NODE" as const, "MULTI_NODE" as const),
  clusterSize: fc.integer({ min: 1, max: 4 }),
  modelReadOnly: fc.boolean(),
  variables: unique(
    fc.oneof(fc.record({ name: word, value: word }), fc.record({ name: word, encrypted: word.map((text) => `hidden-${text}`) })),
    (one) => one.name,
  ),
  definition: fc.option(
    fc.record({ port: fc.integer({ min: 1, max: 65_535 }), key: fc.string(), extra: fc.jsonValue() }).map(({ port, key, extra }) => {
      const [model] = definition(guideDefinition.replace("port: 8000", `port: ${port}`)).models;
      if (model === undefined) throw new Error("no model");
      return { models: [{ ...model, metadata: { [key]: extra } }] };
    }),
  ),
  definitionProblems: fc.array(
    word.map((text) => fileProblem(text, null)),
    { maxLength: 2 },
  ),
  definitionHash: fc.option(word),
});

test("the same differs in nothing; exchanging the two exchanges before and after; no secret is ever told", () => {
  fc.assert(
    fc.property(revision, revision, (one, other) => {
      expect(differencesOf(one, structuredClone(one))).toEqual([]);
      const there = differencesOf(one, other);
      expect(differencesOf(other, one)).toEqual(there.map(({ before, after, ...rest }) => ({ ...rest, before: after, after: before })));
      for (const { before, after } of there) expect(before === null && after === null).toBe(false);
      expect(new Set(there.map(({ path }) => path)).size).toBe(there.length);
      expect(JSON.stringify(there.filter(({ path }) => path.startsWith("variables")))).not.toContain("hidden-");
    }),
  );
});
