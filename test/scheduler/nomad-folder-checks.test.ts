/** What waits for the look at machines, and for how long, where a machine never answers. Nomad's part is played by a small server. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { silentLog } from "../../server/log.ts";
import { openNomadClient, type NomadClient } from "../../server/scheduler/nomad/client.ts";
import { type FolderChecks, openFolderChecks } from "../../server/scheduler/nomad/folder-checks.ts";

let server: Server;
let client: NomadClient;
let checks: FolderChecks;

const node = (name: string, nodePool: string): object => ({
  ID: name,
  Name: name,
  NodePool: nodePool,
  Status: "ready",
  SchedulingEligibility: "eligible",
  Drain: false,
  ModifyIndex: 1,
  Drivers: { raw_exec: { Detected: true, Healthy: true } },
});
const sees = {
  ID: "a",
  CreateIndex: 2,
  ClientStatus: "complete",
  TaskStates: { look: { State: "dead", Events: [{ Type: "Terminated", Time: 1, Details: { exit_code: "0" } }] } },
};

beforeEach(async () => {
  server = createServer((request, response) => {
    const path = request.url ?? "";
    const answer = (): unknown => {
      if (path.startsWith("/v1/nodes")) return [node("hangs", "one"), node("sees", "two")];
      if (request.method === "GET" && path.startsWith("/v1/jobs")) return [];
      if (path.includes("/allocations")) return path.includes("-sees/") ? [sees] : [];
      return path.startsWith("/v1/node/") ? { Meta: {} } : { JobModifyIndex: 1 };
    };
    response.end(JSON.stringify(answer()));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  client = openNomadClient({ address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  checks = openFolderChecks({ client, installationId: "test", folders: "/folders", log: silentLog });
});
afterEach(async () => {
  await checks[Symbol.asyncDispose]();
  await client[Symbol.asyncDispose]();
  server.close();
  server.closeAllConnections();
});

const isAtOnce = (pool: string): Promise<boolean> => Promise.race([checks.looked(pool).then(() => true), turn().then(() => false)]);

it("a machine that never answers holds up the first sessions of its pool, and then no more", async () => {
  expect(await isAtOnce("one")).toBe(false);
  await checks.looked("one");
  expect(await isAtOnce("one")).toBe(true);
  expect(await isAtOnce("one")).toBe(true);
  expect(checks.sees("hangs")).toBeNull();
}, 20_000);

it("nor does it hold up the sessions of another pool", async () => {
  const hanging = checks.looked("one").then(() => "the hanging one");
  expect(await Promise.race([hanging, checks.looked("two").then(() => "the other")])).toBe("the other");
  expect(checks.sees("sees")).toBe(true);
  await hanging;
}, 20_000);
