import { createHmac } from "node:crypto";
import jsonwebtoken from "jsonwebtoken";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newId } from "../../server/model/ids.ts";
import { call, keyRow, type Model, openWorld, serviceRow, startModel, tokenFor, type World } from "./world.ts";

const revoked = newId("token");
let model: Model;
let world: World;
const privateService = serviceRow({ openToPublic: false, endpointHost: "private.test" });
const otherService = serviceRow({ openToPublic: false, endpointHost: "other.test" });
const publicService = serviceRow({ endpointHost: "public.test" });

beforeAll(async () => {
  model = await startModel();
  world = await openWorld();
  const routes = [model.route];
  await world.show({ ...privateService, routes, revokedTokens: [revoked] }, { ...otherService, routes }, { ...publicService, routes });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await model[Symbol.asyncDispose]();
});

const callWith = (host: string, ...authorization: string[]) =>
  call(world.port, { headers: ["Host", host, ...authorization.flatMap((value) => ["Authorization", value])] });

describe("A private service", () => {
  test.each(["BackendAI", "backendai", "BACKENDAI", "Bearer", "bearer", "BEARER"])("answers 200 to its token with the scheme %s", async (scheme) => {
    expect(await callWith("private.test", `${scheme} ${tokenFor(privateService.id)}`)).toMatchObject({ status: 200, text: "hello" });
  });

  const segment = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = segment({ iss: "serai", sub: privateService.id, jti: newId("token"), iat: 1 });
  const hmac = `${segment({ alg: "HS256", kid: "key-1" })}.${claims}`;
  const refused: readonly (readonly [string, readonly string[]])[] = [
    ["no token", []],
    ["another service's token", [`Bearer ${tokenFor(otherService.id)}`]],
    ["an expired token", [`Bearer ${tokenFor(privateService.id, { expiresAt: new Date(Date.now() - 1) })}`]],
    ["a revoked token", [`Bearer ${tokenFor(privateService.id, { tokenId: revoked })}`]],
    ["garbage", ["Bearer garbage"]],
    ["an empty header", [""]],
    ["another scheme", ["Basic dTpw"]],
    ["an unsigned token", [`Bearer ${segment({ alg: "none", kid: "key-1" })}.${claims}.`]],
    ["a token signed with the public key", [`Bearer ${hmac}.${createHmac("sha256", keyRow.publicKey).update(hmac).digest("base64url")}`]],
    ["two tokens at once", [`Bearer ${tokenFor(privateService.id)}`, `Bearer ${tokenFor(privateService.id)}`]],
  ];
  test.each(refused)("answers 401 to %s, always in the same words, and the model hears nothing", async (_name, authorization) => {
    const before = model.requests.length;
    const answer = await callWith("private.test", ...authorization);
    expect(answer.status).toBe(401);
    expect(answer.headers["www-authenticate"]).toContain("Bearer");
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    expect(answer.text).toBe((await callWith("private.test")).text);
    expect(JSON.parse(answer.text)).toMatchObject({ status: 401, code: "UNAUTHORIZED" });
    expect(model.requests.length).toBe(before);
  });

  test("notes which of its tokens were used", async () => {
    const tokenId = newId("token");
    await callWith("private.test", `Bearer ${tokenFor(privateService.id, { tokenId })}`);
    expect(world.usedTokens).toContain(tokenId);
  });
});

describe("A public service", () => {
  test("answers 200 without a token", async () => {
    expect((await callWith("public.test")).status).toBe(200);
  });

  test("passes a model's own key on, but never a token of ours, not even an expired one", async () => {
    const theirs = jsonwebtoken.sign({ iss: "the model", sub: "u" }, "the model's secret", { keyid: "key-1" });
    for (const own of ["sk-the-models-own-key", theirs]) {
      await callWith("public.test", `Bearer ${own}`);
      expect(model.requests.at(-1)?.headers.authorization).toBe(`Bearer ${own}`);
    }
    const expired = tokenFor(privateService.id, { expiresAt: new Date(1) });
    for (const value of [`Bearer ${expired}`, `BackendAI ${expired}`, `Basic ${expired}`]) {
      await callWith("public.test", value);
      expect(JSON.stringify(model.requests.at(-1)?.rawHeaders)).not.toContain(expired);
    }
  });
});

test("Neither the token nor the console's cookie reaches the model", async () => {
  const token = tokenFor(privateService.id);
  const headers = [
    "Host",
    "private.test",
    "Authorization",
    `Bearer ${token}`,
    "Cookie",
    "a=1; serai_session=secret",
    "Cookie",
    "serai_session=secret",
  ];
  expect((await call(world.port, { headers })).status).toBe(200);
  const received = model.requests.at(-1)?.rawHeaders ?? [];
  expect(received.join("\n")).not.toMatch(/secret|authorization/i);
  expect(received).not.toContain(token);
  expect(received).toContain("a=1");
});
