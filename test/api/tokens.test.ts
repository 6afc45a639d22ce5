import jsonwebtoken from "jsonwebtoken";
import { expect, test } from "vitest";
import { testApi } from "../support/api.ts";

const limits = "token { id name requestsPerMinute concurrentRequests }";

test("a token's limits are set, changed and taken away, by those of its project only, and its history tells it", async () => {
  await using api = await testApi();
  const service = await api.createService("chat", await api.createFolder("model"));
  const created = await api.change("createToken", { serviceId: service.id, name: "ci", requestsPerMinute: 60 }, limits);
  expect(created["token"]).toMatchObject({ name: "ci", requestsPerMinute: 60, concurrentRequests: null });
  const { id } = created["token"];
  expect((await api.change("modifyToken", { id, concurrentRequests: 4 }, limits))["token"]).toEqual({
    id,
    name: "ci",
    requestsPerMinute: 60,
    concurrentRequests: 4,
  });
  expect((await api.change("modifyToken", { id, name: "build", requestsPerMinute: null }, limits))["token"]).toMatchObject({
    name: "build",
    requestsPerMinute: null,
  });
  await api.change("modifyToken", { id, name: "build" }, limits);
  expect(await api.change("modifyToken", { id, concurrentRequests: 1 }, limits, await api.createOtherUser())).toMatchObject({
    __typename: "NotFoundError",
  });
  await api.change("revokeToken", { id }, "token { id }");
  expect(await api.change("modifyToken", { id, concurrentRequests: 1 }, limits)).toMatchObject({ __typename: "ConflictError" });

  const { data } = await api.ask("query ($id: ID!) { service(id: $id) { events { edges { event { kind message } } } } }", { id: service.id });
  const told = data?.["service"].events.edges
    .map(({ event }: { event: { kind: string; message: string } }) => event)
    .filter(({ kind }: { kind: string }) => kind === "TOKEN_MODIFIED");
  expect(told.map(({ message }: { message: string }) => message)).toEqual([
    "Token ci modified: at most 60 requests a minute, 4 at once.",
    "Token ci, now build modified: at most 4 at once.",
  ]);
});

test.each([
  [{ requestsPerMinute: 0 }, "requestsPerMinute", "must be 1 or more"],
  [{ concurrentRequests: -1 }, "concurrentRequests", "must be 1 or more"],
  [{ requestsPerMinute: 1_000_001 }, "requestsPerMinute", "must be 1000000 or less"],
])("a limit of %j is refused at its field, and no token is made", async (given, path, message) => {
  await using api = await testApi();
  const { id } = await api.createService("chat", await api.createFolder("model"));
  expect(await api.change("createToken", { serviceId: id, name: "ci", ...given }, limits)).toMatchObject({ fields: [{ path, message }] });
  expect(await api.database.sql`select id from tokens`).toHaveLength(0);
});

test("an administrator replaces the signing key: copies are signed by the new one, and those before it retire when told", async () => {
  await using api = await testApi();
  const { id } = await api.createService("chat", await api.createFolder("model"));
  const { secret, token } = await api.change("createToken", { serviceId: id, name: "ci" }, "secret token { id }");
  const keyOf = (text: string) => jsonwebtoken.decode(text, { complete: true })?.header.kid;
  expect(keyOf(secret)).toBe("key-1");
  const list = "{ signingKeys { id signs retiresAt } }";
  const member = await api.createOtherUser();
  const keys = "signingKeys { id signs retiresAt }";
  expect(await api.change("replaceSigningKey", {}, keys, member)).toMatchObject({ __typename: "ForbiddenError" });
  expect((await api.ask(list, {}, member)).data).toEqual({ signingKeys: null });
  expect(await api.change("replaceSigningKey", { retireAfterSeconds: -1 }, keys)).toMatchObject({ fields: [{ path: "retireAfterSeconds" }] });
  expect((await api.ask(list)).data).toEqual({ signingKeys: [{ id: "key-1", signs: true, retiresAt: null }] });

  const replaced = (await api.change("replaceSigningKey", {}, keys))["signingKeys"];
  expect(replaced).toMatchObject([
    { signs: true, retiresAt: null },
    { id: "key-1", signs: false, retiresAt: null },
  ]);
  const copied = await api.change("copyToken", { id: token.id }, "secret");
  expect(keyOf(copied["secret"])).toBe(replaced[0].id);
  expect(jsonwebtoken.decode(copied["secret"])).toEqual(jsonwebtoken.decode(secret));

  await api.change("replaceSigningKey", { retireAfterSeconds: 3600 }, keys);
  const later = (await api.change("replaceSigningKey", { retireAfterSeconds: 86_400 }, keys))["signingKeys"];
  const hours = later.map(({ retiresAt }: { retiresAt: string | null }) =>
    retiresAt === null ? null : Math.round((Date.parse(retiresAt) - Date.now()) / 3_600_000),
  );
  // What retires in an hour does not get a day instead.
  expect(hours).toEqual([null, 24, 1, 1]);
});
