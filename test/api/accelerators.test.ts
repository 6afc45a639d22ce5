/** Accelerators of a service: asked for, kept, refused, compared. */
import { expect, test } from "vitest";
import { testApi, type Data, type TestApi } from "../support/api.ts";

const revision = "revision { id number resources { cpu accelerators { name count } } }";
const modify = async (api: TestApi, id: string, resources: object | null): Promise<Data> =>
  (await api.change("modifyService", { id, resources }, `service { ${revision} }`))["service"]["revision"];

test("are kept until they are changed or reset, in whatever order they are named, and what changed is told", async () => {
  await using api = await testApi();
  const two = [
    { name: "xilinx/fpga", count: 1 },
    { name: "nvidia/gpu/Tesla T4", count: 2 },
  ];
  const kept = two.toReversed();
  const { id } = await api.createService("a", await api.createFolder("models"), { resources: { accelerators: two } });
  expect(await modify(api, id, { cpu: 2 })).toMatchObject({ number: 2, resources: { cpu: 2, accelerators: kept } });
  expect(await modify(api, id, { accelerators: kept })).toMatchObject({ number: 2 });
  const differences = `checkModification(input: { id: "${id}", resources: { accelerators: [{ name: "gpu", count: 1 }] } }) { differences { path before after } }`;
  expect((await api.ask(`{ ${differences} }`)).data?.["checkModification"]["differences"]).toEqual([
    { path: "resources.accelerators[gpu]", before: null, after: "1" },
    { path: "resources.accelerators[nvidia/gpu/Tesla T4]", before: "2", after: null },
    { path: "resources.accelerators[xilinx/fpga]", before: "1", after: null },
  ]);
  expect(await modify(api, id, { accelerators: null })).toMatchObject({ number: 3, resources: { cpu: 2, accelerators: [] } });
});

test("of a revision that was stored before there were any are none, and changing nothing makes no new one", async () => {
  await using api = await testApi();
  const { id } = await api.createService("a", await api.createFolder("models"));
  await api.database.sql`alter table revisions disable trigger user`;
  await api.database.sql`update revisions set resources = resources - 'accelerators'`;
  expect(await modify(api, id, {})).toMatchObject({ number: 1, resources: { accelerators: [] } });
});

test("are refused at their field, in words that say what would be right", async () => {
  await using api = await testApi();
  const folderId = await api.createFolder("models");
  const refusal = async (accelerators: object[]): Promise<unknown> => {
    const input = { name: "a", folderId, resources: { accelerators } };
    return (await api.change("createService", input, "service { id }"))["fields"];
  };
  const gpu = (name: string, count = 1) => ({ name, count });
  for (const name of ["", "/gpu", "nvidia/", "a b", "nvidia/gpu/", "nvidia/gpu/H100 ", "nvidia/gpu/\n"]) {
    expect(await refusal([gpu(name)]), name).toMatchObject([
      { path: "resources.accelerators[0].name", message: expect.stringContaining("vendor/type/model") },
    ]);
  }
  expect(await refusal([gpu("gpu", 0), gpu("nvidia/gpu", 1025)])).toEqual([
    { path: "resources.accelerators[0].count", message: "must be 1 or more" },
    { path: "resources.accelerators[1].count", message: "must be 1024 or less" },
  ]);
  expect(await refusal([gpu("gpu"), gpu("nvidia/gpu"), gpu("gpu")])).toEqual([
    { path: "resources.accelerators[2].name", message: "is there already: give each kind one count" },
  ]);
  expect(await refusal(Array.from({ length: 17 }, (_, index) => gpu(`gpu-${index}`)))).toEqual([
    { path: "resources.accelerators", message: "must be 16 kinds or fewer" },
  ]);
});
