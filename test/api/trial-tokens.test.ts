import jsonwebtoken from "jsonwebtoken";
import { expect, test } from "vitest";
import { createVerifier, publicKeysOf } from "../../server/auth/verifier.ts";
import { readSigningKeys } from "../../server/store/signing-keys.ts";
import { testApi, type TestApi } from "../support/api.ts";

const ask = (api: TestApi, serviceId: string, token?: string) =>
  api.ask(
    `mutation ($input: CreateTrialTokenInput!) { createTrialToken(input: $input) {
      __typename ... on CreateTrialTokenSuccess { secret expiresAt } ... on Error { message } } }`,
    { input: { serviceId } },
    token,
  );

test("a trial token opens its service for ten minutes, is in no list, and the history says who asked for it", async () => {
  await using api = await testApi();
  const { id } = await api.createService("one", await api.createFolder("models"));
  const { data: made } = await ask(api, id);
  const { secret, expiresAt } = made?.["createTrialToken"] ?? {};
  const verifier = await createVerifier(async () => publicKeysOf(await readSigningKeys(api.database)));
  const verify = (now: Date) => verifier.verify(secret, { serviceId: id, now, isRevoked: () => false });
  const end = Date.parse(expiresAt);
  expect(end - Date.now()).toBeGreaterThan(9.5 * 60_000);
  expect(end - Date.now()).toBeLessThanOrEqual(10 * 60_000);
  expect(await verify(new Date(end - 1))).toMatchObject({ ok: true });
  expect(await verify(new Date(end))).toEqual({ ok: false, reason: "expired" });
  expect(jsonwebtoken.decode(secret)).toMatchObject({ sub: id });

  const { data } = await api.ask(
    `query ($id: ID!) { service(id: $id) { tokens { id } events(last: 1) { nodes: edges { node { kind message user { name } } } } } }`,
    {
      id,
    },
  );
  expect(data?.["service"]).toMatchObject({
    tokens: [],
    events: {
      nodes: [
        { node: { kind: "TRIAL_TOKEN_CREATED", message: "Tried out from the console, with a token for 10 minutes.", user: { name: "admin" } } },
      ],
    },
  });
});

test("nobody gets one for a service of another project, or for one that is being terminated", async () => {
  await using api = await testApi();
  const { id } = await api.createService("one", await api.createFolder("models"));
  const other = await api.createOtherUser();
  expect((await ask(api, id, other)).data?.["createTrialToken"]).toMatchObject({ __typename: "NotFoundError" });
  await api.change("terminateService", { id }, "service { id }");
  expect((await ask(api, id)).data?.["createTrialToken"]).toMatchObject({ __typename: "ConflictError" });
});
