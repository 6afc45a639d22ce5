/** Credentials of image registries: who may give them, what is refused, and that no password comes back or lies in the database. */
import { expect, test } from "vitest";
import { createVariableSecrets } from "../../server/auth/variable-secrets.ts";
import type { Session } from "../../server/model/session.ts";
import { compileJob } from "../../server/scheduler/nomad/job.ts";
import { testApi, type Data, type TestApi } from "../support/api.ts";

const selection = "imageRegistry { id host username createdAt }";
const list = async (api: TestApi, token?: string): Promise<Data> =>
  (await api.ask("{ imageRegistries { host username } }", {}, token)).data?.["imageRegistries"];
const create = (api: TestApi, input: object, token?: string): Promise<Data> =>
  api.change("createImageRegistry", { host: "registry.example.com", username: "puller", password: "a secret", ...input }, selection, token);
const modify = (api: TestApi, input: object): Promise<Data> => api.change("modifyImageRegistry", input, selection);
const secrets = createVariableSecrets(() => "a secret for tests");
const passwordOf = async (api: TestApi, host: string): Promise<string | null> => {
  const [row] = await api.database.sql<{ password: string }[]>`select password from image_registries where host = ${host}`;
  expect(row?.password).toMatch(/^v1\./);
  return secrets.decryptPassword(host, row?.password ?? "");
};

test("an administrator gives, changes and deletes them; what is absent stays, and the password is kept encrypted", async () => {
  await using api = await testApi();
  const made = (await create(api, {}))["imageRegistry"];
  expect(made).toMatchObject({ host: "registry.example.com", username: "puller" });
  await create(api, { host: "docker.io" });
  expect(await list(api)).toEqual([
    { host: "docker.io", username: "puller" },
    { host: "registry.example.com", username: "puller" },
  ]);
  expect(await passwordOf(api, "registry.example.com")).toBe("a secret");
  expect((await modify(api, { id: made.id, username: "another" }))["imageRegistry"]).toMatchObject({ username: "another" });
  expect(await passwordOf(api, "registry.example.com")).toBe("a secret");
  expect((await modify(api, { id: made.id, password: "another secret" }))["imageRegistry"]).toMatchObject({ username: "another" });
  expect(await passwordOf(api, "registry.example.com")).toBe("another secret");
  expect((await modify(api, { id: made.id }))["imageRegistry"]).toMatchObject({ username: "another" });

  expect(await api.change("deleteImageRegistry", { id: made.id }, selection)).toMatchObject({ imageRegistry: { id: made.id } });
  expect(await list(api)).toEqual([{ host: "docker.io", username: "puller" }]);
  for (const again of [modify(api, { id: made.id, username: "late" }), api.change("deleteImageRegistry", { id: made.id }, selection)]) {
    expect(await again).toMatchObject({ __typename: "NotFoundError", message: `There is no image registry ${made.id}.` });
  }
});

test("where a service would go, is asked as of one whose image is pulled with them: no machine takes it that cannot", async () => {
  const asked: Session[] = [];
  await using api = await testApi({
    preview: async (session) => {
      asked.push(session);
      return { fits: true };
    },
  });
  await create(api, {});
  const environment = async (image: string): Promise<string> =>
    (await api.change("createEnvironment", { runtime: image, image }, "environment { id }"))["environment"].id;
  const folderId = await api.createFolder("models");
  const musts = async (image: string): Promise<unknown> => {
    const input = { name: "a", folderId, environmentId: await environment(image) };
    await api.ask("query ($input: CreateServiceInput!) { checkService(input: $input) { ok } }", { input });
    const job = compileJob(asked.pop() as Session, { installationId: "test", megahertzPerCore: 1000 });
    return job.Constraints.map(({ LTarget }) => LTarget);
  };
  expect(await musts("registry.example.com/private:1")).toContain("${attr.nomad.version}");
  expect(await musts("elsewhere.example.com/public:1")).not.toContain("${attr.nomad.version}");
});

test("one registry's password cannot be made another's by who can write rows", async () => {
  await using api = await testApi();
  await create(api, {});
  await api.database.sql`update image_registries set host = 'registry.attacker.example'`;
  expect(await passwordOf(api, "registry.attacker.example")).toBeNull();
});

test("each host has one, named as image names begin", async () => {
  await using api = await testApi();
  await create(api, {});
  expect(await create(api, {})).toEqual({
    __typename: "ConflictError",
    message: "There are credentials for registry.example.com already: change them instead.",
  });
  for (const host of ["localhost", "localhost:5000", "127.0.0.1:5000", "[::1]:5000", "a-b.example"]) {
    expect(await create(api, { host })).toMatchObject({ imageRegistry: { host } });
  }
  for (const host of ["", "registry", "https://registry.example.com", "registry.example.com/team", "Registry.example.com", "a.b:port", "a.b "]) {
    expect(await create(api, { host })).toMatchObject({ __typename: "ValidationError", fields: [{ path: "host" }] });
  }
  expect(await create(api, { host: "b.example", username: "a:b", password: "" })).toMatchObject({
    fields: [
      { path: "username", message: "must not contain a colon" },
      { path: "password", message: "must not be empty" },
    ],
  });
});

test("nobody but administrators changes them or learns which there are", async () => {
  await using api = await testApi();
  const { id } = (await create(api, {}))["imageRegistry"];
  const token = await api.createOtherUser();
  expect(await list(api, token)).toBeNull();
  const forbidden = { __typename: "ForbiddenError" };
  expect(await create(api, { host: "b.example" }, token)).toMatchObject(forbidden);
  expect(await api.change("modifyImageRegistry", { id, username: "me" }, selection, token)).toMatchObject(forbidden);
  expect(await api.change("deleteImageRegistry", { id }, selection, token)).toMatchObject(forbidden);
  expect(await list(api)).toEqual([{ host: "registry.example.com", username: "puller" }]);
});
