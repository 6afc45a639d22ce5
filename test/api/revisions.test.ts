import { expect, test } from "vitest";
import type { ServiceId } from "../../server/model/ids.ts";
import { guideDefinition, testApi, type Data, type TestApi } from "../support/api.ts";

const modify = (api: TestApi, id: ServiceId, more: object) => api.change("modifyService", { id, ...more }, "service { id }");

const revisionsOf = async (api: TestApi, id: ServiceId, args = ""): Promise<Data[]> => {
  const query = `query ($id: ID!) { service(id: $id) { revisions { edges { node { id number differences${args} { path before after secret } } } } } }`;
  const { data, errors } = await api.ask(query, { id });
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data?.["service"].revisions.edges.map((edge: Data) => edge["node"]);
};

test("each revision tells what it changed, or how it differs from any other", async () => {
  await using api = await testApi();
  const folderId = await api.createFolder("models");
  const { id } = await api.createService("a", folderId);
  await modify(api, id, { resources: { cpu: 2 }, variables: [{ name: "TOKEN", value: "hf_verysecret", secret: true }] });
  await api.folders.writeFile(folderId, {
    path: "model-definition.yml",
    content: guideDefinition.replace("port: 8000", "port: 9000"),
    ifMatch: null,
  });
  await modify(api, id, { variables: [{ name: "TOKEN", value: "hf_another", secret: true }] });

  const all = await revisionsOf(api, id);
  expect(all.map((revision) => revision["differences"])).toEqual([
    [],
    [
      { path: "resources.cpu", before: "0.1", after: "2", secret: false },
      { path: "variables.TOKEN", before: null, after: "a secret", secret: true },
    ],
    [
      { path: "variables.TOKEN", before: "a secret", after: "a secret", secret: true },
      { path: "definition.models[0].service.port", before: "8000", after: "9000", secret: false },
    ],
  ]);
  const toThird = await revisionsOf(api, id, `(to: "${all[2]?.["id"]}")`);
  expect(toThird[0]?.["differences"]).toContainEqual({ path: "resources.cpu", before: "2", after: "0.1", secret: false });
  expect(toThird[2]?.["differences"]).toEqual([]);
});

test("revisions of other services, and of other projects, cannot be compared with", async () => {
  await using api = await testApi();
  const { id } = await api.createService("a", await api.createFolder("models"));
  const other = await api.createService("b", await api.createFolder("others"));
  const [foreign] = await revisionsOf(api, other.id);
  for (const to of [foreign?.["id"], "nonsense"]) await expect(revisionsOf(api, id, `(to: "${to}")`)).rejects.toThrow(/There is no revision/);
});

test("revisions are listed oldest first, and paged", async () => {
  await using api = await testApi();
  const { id } = await api.createService("a", await api.createFolder("models"));
  for (const cpu of [1, 2, 3]) await modify(api, id, { resources: { cpu } });
  const page = async (args: string) => {
    const query = `query ($id: ID!) { service(id: $id) { revisions(${args}) { edges { cursor node { number createdBy { name } } } pageInfo { hasPreviousPage } } } }`;
    return (await api.ask(query, { id })).data?.["service"].revisions;
  };
  const numbers = (answer: Data): number[] => answer["edges"].map((edge: Data) => edge["node"].number);
  expect(numbers(await page("first: 9"))).toEqual([1, 2, 3, 4]);
  const last = await page("last: 2");
  expect(last).toMatchObject({
    edges: [{ node: { number: 3, createdBy: { name: "admin" } } }, { node: { number: 4 } }],
    pageInfo: { hasPreviousPage: true },
  });
  expect(numbers(await page(`last: 2, before: "${last.edges[0].cursor}"`))).toEqual([1, 2]);
});
