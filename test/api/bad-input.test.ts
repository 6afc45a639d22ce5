import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { adminToken, guideDefinition, testApi, type TestApi } from "../support/api.ts";
import { newId } from "../../server/model/ids.ts";

const fieldsOf = (result: Record<string, unknown>) => (result["fields"] as { path: string }[] | undefined)?.map((field) => field.path);

describe("GraphQL's own mistakes answer 400 with its own message and a code:", () => {
  const cases: [string, string, RegExp][] = [
    ["an unknown field", "{ viewer { nmae } }", /Cannot query field "nmae".*Did you mean "name"/],
    ["an unknown input field", 'mutation { createFolder(input: {name: "a", usage: MODEL, size: 3}) { __typename } }', /unknown field "size"/],
    ["broken syntax", "{ viewer { name }", /Syntax Error/],
    ["a document that is too large", `{ viewer { name } } # ${"x".repeat(110_000)}`, /larger than 100 KiB/],
    ["a document that nests too deep", `{ services { edges { node ${nested(15)} } } }`, /nests 18 fields deep/],
    ["hundreds of aliases", `{ ${Array.from({ length: 700 }, (_, index) => `a${index}: viewer { id }`).join(" ")} }`, /asks for 1400 fields/],
    ["thousands of words", `{ ${"id ".repeat(20_000)} }`, /more than 10000 tokens/],
    ["fragments that multiply", bomb(), /asks for \d+ fields, fragments written out/],
    ["brackets without end", `{${"a{".repeat(20_000)}`, /nests brackets more than 200 deep/],
  ];
  test("each of them, also for clients that accept application/json", async () => {
    await using api = await testApi();
    for (const [what, query, message] of cases) {
      for (const accept of ["application/json", "application/graphql-response+json"]) {
        const response = await fetch(`${api.url}/graphql`, {
          method: "POST",
          headers: { "content-type": "application/json", accept, authorization: `Bearer ${adminToken}` },
          body: JSON.stringify({ query }),
        });
        const body = (await response.json()) as { errors: { message: string; extensions: { code: string } }[] };
        expect(response.status, what).toBe(400);
        expect(body.errors[0]?.message, what).toMatch(message);
        expect(body.errors[0]?.extensions.code, what).toMatch(/^[A-Z_]+$/);
      }
    }
  });
});

function nested(depth: number): string {
  return `${"{ a ".repeat(depth)}${"}".repeat(depth)}`;
}

function bomb(): string {
  const levels = Array.from({ length: 40 }, (_, level) => `fragment f${level} on Viewer { ...f${level + 1} ...f${level + 1} }`);
  return `{ viewer { ...f0 } } ${levels.join(" ")} fragment f40 on Viewer { id }`;
}

test("a tool's introspection is answered in full", async () => {
  await using api = await testApi();
  const { getIntrospectionQuery } = await import("graphql");
  const { status, data } = await api.ask(getIntrospectionQuery());
  expect(status).toBe(200);
  expect(data?.["__schema"].types.length).toBeGreaterThan(50);
});

test("names, counts and resources are refused with every problem at its field", async () => {
  await using api = await testApi();
  const folderId = await api.createFolder("models");
  const input = {
    name: "",
    folderId,
    desiredRouteCount: -1,
    terminationGraceSeconds: 100_000,
    resources: { cpu: 0, memoryGiB: 1, sharedMemoryGiB: 2 },
  };
  const result = await api.change("createService", input, "service { id }");
  expect(fieldsOf(result)?.toSorted()).toEqual([
    "desiredRouteCount",
    "name",
    "resources.cpu",
    "resources.sharedMemoryGiB",
    "terminationGraceSeconds",
  ]);
  for (const name of ["a".repeat(64), "Upper", "-a", "a-", "ä", "a b", "a\n"]) {
    expect(fieldsOf(await api.change("createService", { name, folderId }, "service { id }")), name).toEqual(["name"]);
  }
  for (const name of ["", "..", "a/b", "x".repeat(65), ".ssh", "a\0"]) {
    expect(fieldsOf(await api.change("createFolder", { name, usage: "MODEL" }, "folder { id }")), name).toEqual(["name"]);
  }
  const { id } = await api.createService("fine", folderId);
  expect(fieldsOf(await api.change("modifyService", { id, desiredRouteCount: -3, name: null }, "service { id }"))?.toSorted()).toEqual([
    "desiredRouteCount",
    "name",
  ]);
  expect(fieldsOf(await api.change("createToken", { serviceId: id, name: " ", expiresAt: "2020-01-01T00:00:00Z" }, "secret"))?.toSorted()).toEqual([
    "expiresAt",
    "name",
  ]);
  const services = await api.database.sql`select id from services`;
  expect(services.length).toBe(1);
});

test("unknown ids are not found, whatever they look like", async () => {
  await using api = await testApi();
  const folderId = await api.createFolder("models");
  for (const id of ["", "x", newId("service"), newId("folder"), `svc_${"a".repeat(500)}`, "svc_'; drop table services; --"]) {
    expect((await api.change("terminateService", { id }, "service { id }"))["__typename"], id).toBe("NotFoundError");
    expect((await api.change("createService", { name: "a", folderId: id }, "service { id }"))["__typename"], id).toBe("NotFoundError");
    expect((await api.change("createService", { name: "a", folderId, environmentId: id }, "service { id }"))["__typename"], id).toBe("NotFoundError");
    expect((await api.change("revokeToken", { id }, "token { id }"))["__typename"], id).toBe("NotFoundError");
    expect((await api.ask("query ($id: ID!) { node(id: $id) { id } service(id: $id) { id } folder(id: $id) { id } }", { id })).data).toEqual({
      node: null,
      service: null,
      folder: null,
    });
  }
});

test("pages are bounded, and cursors of other lists refused", async () => {
  await using api = await testApi();
  for (const page of ["first: 201", "last: 201", "first: -1", "first: 1, last: 1", 'after: "nonsense"']) {
    const { errors } = await api.ask(`{ services(${page}) { edges { cursor } } }`);
    expect(errors?.[0]?.["extensions"].code, page).toBe("BAD_USER_INPUT");
  }
  expect((await api.ask("{ service { id } }")).errors?.[0]?.["message"]).toBe("Give either id or name.");
});

test("10 MB of YAML is refused by a typed error or 413 in JSON, and nothing is half written", async () => {
  await using api = await testApi();
  const folderId = await api.createFolder("models");
  const huge = await api.ask("query ($yaml: String!) { checkModelDefinition(yaml: $yaml) { valid } }", { yaml: "a: b\n".repeat(2_000_000) });
  expect(huge).toMatchObject({ status: 413, errors: [{ extensions: { code: "BODY_TOO_LARGE" } }] });
  const large = await api.ask("query ($yaml: String!) { checkModelDefinition(yaml: $yaml) { valid problems { message hint } } }", {
    yaml: "a: b\n".repeat(300_000),
  });
  expect(large.data?.["checkModelDefinition"]).toMatchObject({ valid: false, problems: [{ message: "the file is larger than 1 MiB" }] });
  const tooLarge = await api.change("writeFile", { folderId, path: "model-definition.yml", content: "x".repeat(1024 * 1024 + 1) }, "file { size }");
  expect(fieldsOf(tooLarge)).toEqual(["content"]);
  expect(await readdir(join(api.foldersDirectory, folderId))).toEqual(["model-definition.yml"]);
  expect(await api.folders.readDefinition(folderId)).toMatchObject({ text: guideDefinition });
  const allowed = await api.change("writeFile", { folderId, path: "data.bin", content: "\u0001".repeat(600_000) }, "file { size }");
  expect(allowed["file"]).toEqual({ size: 600_000 });
});

test("a YAML bomb is one plain problem", async () => {
  await using api = await testApi();
  const levels = Array.from(
    { length: 30 },
    (_, level) => `l${level}: &l${level} [${Array.from({ length: 9 }, () => (level === 0 ? "x" : `*l${level - 1}`)).join(",")}]`,
  );
  const { data } = await api.ask("query ($yaml: String!) { checkModelDefinition(yaml: $yaml) { problems { message } } }", {
    yaml: levels.join("\n"),
  });
  expect(data?.["checkModelDefinition"].problems).toContainEqual({ message: "the file repeats itself too often by aliases" });
});

test("paths that lead out of a folder are refused, each with the reason", async () => {
  await using api = await testApi();
  const folderId = await api.createFolder("models");
  for (const path of ["", "..", "../x", "a/../../x", "/etc/passwd", "a\0b", "..\\x", "a//b", "./a", "x".repeat(256), `${"a/".repeat(600)}a`]) {
    const result = await writeFile(api, folderId, path);
    expect(fieldsOf(result), JSON.stringify(path)).toEqual(["path"]);
  }
  expect(await readdir(api.foldersDirectory)).toEqual([folderId]);
});

const writeFile = (api: TestApi, folderId: string, path: string) => api.change("writeFile", { folderId, path, content: "x" }, "file { path }");

test("an instant without a zone, or none at all, is refused", async () => {
  await using api = await testApi();
  const { id } = await api.createService("a", await api.createFolder("models"));
  for (const expiresAt of ["tomorrow", "2027-01-01", "2027-01-01T00:00:00", 5, "2027-13-01T00:00:00Z"]) {
    const { status, errors } = await api.ask("mutation ($input: CreateTokenInput!) { createToken(input: $input) { __typename } }", {
      input: { serviceId: id, expiresAt },
    });
    expect([status, errors?.length], String(expiresAt)).toEqual([400, 1]);
  }
});
