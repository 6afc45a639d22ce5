import { createHmac, generateKeyPairSync, type KeyObject } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import jsonwebtoken from "jsonwebtoken";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSigningKey } from "../../server/auth/keys.ts";
import { newId } from "../../server/model/ids.ts";
import { call, keyRow, type Model, openWorld, serviceRow, startModel, tokenFor, type World } from "./world.ts";

const revoked = newId("token");
const ourKey = openSigningKey(keyRow, "secret").privateKey;
const otherKey = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
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
  const signed = (more: object, key: string | KeyObject = ourKey) =>
    jsonwebtoken.sign({ iss: "serai", sub: privateService.id, jti: newId("token"), ...more }, key, { algorithm: "ES256", keyid: "key-1" });
  const [head, , signature] = tokenFor(otherService.id).split(".");
  const altered = `${head}.${claims}.${signature}`;
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
    ["a token that is not valid yet", [`Bearer ${signed({ nbf: Math.floor(Date.now() / 1000) + 3600 })}`]],
    ["a token of another key with the same name", [`Bearer ${signed({}, otherKey)}`]],
    ["an altered payload", [`Bearer ${altered}`]],
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

  test("takes its token from X-API-Key as well, and the model sees neither that nor loses a key of its own", async () => {
    const token = tokenFor(privateService.id);
    const send = (...headers: string[]) => call(world.port, { headers: ["Host", "private.test", ...headers] });
    expect((await send("x-api-key", token)).status).toBe(200);
    expect(JSON.stringify(model.requests.at(-1)?.rawHeaders)).not.toContain(token);
    expect((await send("X-API-Key", token, "X-API-Key", token)).status).toBe(401);
    expect((await send("X-API-Key", tokenFor(otherService.id))).status).toBe(401);
    expect((await send("Authorization", `Bearer ${token}`, "X-API-Key", "the-models-own")).status).toBe(200);
    expect(model.requests.at(-1)?.headers).toMatchObject({ "x-api-key": "the-models-own" });
    expect((await send("Authorization", `Bearer ${token}`, "X-API-Key", token)).status).toBe(200);
    expect(JSON.stringify(model.requests.at(-1)?.rawHeaders)).not.toContain(token);
  });

  test("answers 431 to a token of a megabyte, and goes on", async () => {
    const socket = connect(world.port, "127.0.0.1").setEncoding("latin1");
    let text = "";
    socket.on("data", (chunk: string) => (text += chunk)).on("error", () => {});
    socket.write(`GET / HTTP/1.1\r\nHost: private.test\r\nAuthorization: Bearer ${"a".repeat(1024 * 1024)}\r\n\r\n`);
    await once(socket, "close");
    expect(text).toMatch(/^HTTP\/1\.1 431 /);
    expect((await callWith("private.test", `Bearer ${tokenFor(privateService.id)}`)).status).toBe(200);
  });

  test("refuses a token that has been good from the moment it expires or is revoked", async () => {
    const tokenId = newId("token");
    const token = tokenFor(privateService.id, { tokenId, expiresAt: new Date(Date.now() + 700) });
    const status = async () => (await callWith("private.test", `Bearer ${token}`)).status;
    expect(await status()).toBe(200);
    await expect.poll(status, { timeout: 3000 }).toBe(401);
    const lasting = tokenFor(privateService.id, { tokenId });
    const shown = { ...privateService, routes: [model.route] };
    expect((await callWith("private.test", `Bearer ${lasting}`)).status).toBe(200);
    await world.show({ ...shown, revokedTokens: [revoked, tokenId] }, { ...otherService, routes: [] }, { ...publicService, routes: [model.route] });
    expect((await callWith("private.test", `Bearer ${lasting}`)).status).toBe(401);
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
