import { mkdtemp, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openVerifier } from "../../server/auth/keys.ts";
import { openGateway } from "../../server/gateway/gateway.ts";
import { gatewayStoreOf } from "../../server/gateway/gateway-store.ts";
import { readSavedTable } from "../../server/gateway/saved-table.ts";
import { silentLog } from "../../server/log.ts";
import { openChanges } from "../../server/store/changes.ts";
import { openDatabase } from "../../server/store/database.ts";
import { freePorts } from "../support/ports.ts";
import { startSerai } from "../support/serai.ts";
import { openTcpProxy } from "../support/tcp-proxy.ts";
import { createToken, insertRoute, openInstallation } from "./installation.ts";
import { call } from "./world.ts";

async function openScene() {
  const installation = await openInstallation();
  const { database, serviceId, signer, model } = installation;
  await insertRoute(database, serviceId, model, "HEALTHY");
  const directory = await mkdtemp(join(tmpdir(), "serai-table-"));
  const closing = new AsyncDisposableStack();
  onTestFinished(() => closing.disposeAsync());
  closing.defer(() => rm(directory, { recursive: true, force: true }));
  const proxy = closing.use(await openTcpProxy(database.url));
  const tokenId = await createToken(database, serviceId);
  const token = await signer.sign({ tokenId, serviceId, issuedAt: new Date(), expiresAt: null });
  const tablePath = join(directory, "route-table.json");
  const openThroughProxy = async (staleMaxMs: number | null = null) => {
    const saved = await readSavedTable(tablePath, silentLog);
    const through = closing.use(openDatabase(proxy.url));
    const changes = closing.use(await openChanges(through, silentLog, { patient: saved !== null }));
    const verifier = await openVerifier(through, saved?.keys);
    const options = { store: gatewayStoreOf(through), changes, verifier, host: "127.0.0.1", port: 0, log: silentLog, tablePath, saved, staleMaxMs };
    return closing.use(await openGateway(options));
  };
  const statusAt = async (port: number, ...headers: string[]) => (await call(port, { headers })).status;
  return { ...installation, proxy, tokenId, token, tablePath, directory, openThroughProxy, statusAt, closing };
}

describe("A gateway that starts while the database is down", () => {
  test("serves what it knew last, with tokens and their revocations, and follows the database when that is back", async () => {
    const { database, serviceId, signer, proxy, token, tablePath, openThroughProxy, statusAt } = await openScene();
    const revokedId = await createToken(database, serviceId);
    await database.sql`update tokens set revoked_at = now() where id = ${revokedId}`;
    const revoked = await signer.sign({ tokenId: revokedId, serviceId, issuedAt: new Date(), expiresAt: null });
    const first = await openThroughProxy();
    expect(await statusAt(first.port, "Authorization", `Bearer ${token}`)).toBe(200);
    expect(first.tableAgeMs()).toBe(0);
    await first[Symbol.asyncDispose]();
    expect((await stat(tablePath)).mode & 0o777).toBe(0o600);
    expect(await readFile(tablePath, "utf8")).not.toContain("PRIVATE");

    proxy.refuse();
    const second = await openThroughProxy();
    expect(await statusAt(second.port, "Authorization", `Bearer ${token}`)).toBe(200);
    expect(await statusAt(second.port, "Authorization", `Bearer ${revoked}`)).toBe(401);
    expect(await statusAt(second.port)).toBe(401);
    expect(await statusAt(second.port, "Host", "unknown.test")).toBe(404);
    expect(second.tableAgeMs()).toBeGreaterThan(0);

    await database.sql`update services set open_to_public = true where id = ${serviceId}`;
    proxy.forwardNewConnections();
    await expect.poll(() => statusAt(second.port), { timeout: 10_000 }).toBe(200);
    await expect.poll(() => second.tableAgeMs(), { timeout: 10_000 }).toBe(0);
  });

  test("serves private services no longer than it was told to without the database, and public ones on", async () => {
    const { database, serviceId, proxy, token, tablePath, openThroughProxy, statusAt } = await openScene();
    await (await openThroughProxy())[Symbol.asyncDispose]();
    proxy.refuse();
    const minutesAgo = new Date(Date.now() - 120_000);
    await utimes(tablePath, minutesAgo, minutesAgo);
    const patient = await openThroughProxy(600_000);
    expect(await statusAt(patient.port, "Authorization", `Bearer ${token}`)).toBe(200);
    const strict = await openThroughProxy(60_000);
    const answer = await call(strict.port, { headers: ["Authorization", `Bearer ${token}`] });
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([503, { code: "TABLE_TOO_OLD" }]);
    expect(answer.headers["retry-after"]).toMatch(/^\d+$/);

    await database.sql`update services set open_to_public = true where id = ${serviceId}`;
    proxy.forwardNewConnections();
    await expect.poll(() => statusAt(strict.port), { timeout: 10_000 }).toBe(200);
  });

  test("does so as a whole process with the role gateway, and is an ordinary one when the database is back", async () => {
    const { database, serviceId, proxy, token, directory, statusAt, closing } = await openScene();
    const [port = 0] = await freePorts(1);
    const env = { SERAI_ROLES: "gateway", DATABASE_URL: proxy.url, NOMAD_ADDR: "http://127.0.0.1:9", SERAI_GATEWAY_PORT: String(port) };
    const first = await startSerai({ env, dataDirectory: directory });
    expect(await statusAt(port, "Authorization", `Bearer ${token}`)).toBe(200);
    await first[Symbol.asyncDispose]();
    proxy.refuse();
    const second = closing.use(await startSerai({ env, dataDirectory: directory }));
    expect(second.output()).toContain("with what it knew last");
    expect(await statusAt(port, "Authorization", `Bearer ${token}`)).toBe(200);
    proxy.forwardNewConnections();
    await expect.poll(() => second.output(), { timeout: 10_000 }).toContain("Serai is up: gateway.");
    await database.sql`update services set open_to_public = true where id = ${serviceId}`;
    await expect.poll(() => statusAt(port), { timeout: 10_000 }).toBe(200);
    expect(await second.end("SIGTERM")).toBe(0);
  });
});

test.each(["", "{", '{"format":0,"rows":[],"keys":[]}', "[]", "null"])("A file that is no table of ours, %j, is none", async (text) => {
  const directory = await mkdtemp(join(tmpdir(), "serai-table-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  await writeFile(join(directory, "table.json"), text);
  expect(await readSavedTable(join(directory, "table.json"), silentLog)).toBe(null);
  expect(await readSavedTable(join(directory, "missing.json"), silentLog)).toBe(null);
});
