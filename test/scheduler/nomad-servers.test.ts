/** Several addresses of one cluster: what is asked of another server when one does not answer, and what is not. */
import { createServer, type RequestListener } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openNomadClient } from "../../server/scheduler/nomad/client.ts";
import { freePorts } from "../support/ports.ts";

let opened: AsyncDisposableStack;
let asked: string[];
beforeEach(() => {
  opened = new AsyncDisposableStack();
  asked = [];
});
afterEach(() => opened.disposeAsync());

async function serverThat(name: string, answers: RequestListener): Promise<string> {
  const server = createServer((request, response) => {
    asked.push(`${name} ${request.method}`);
    answers(request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  opened.defer(() => void server.close());
  opened.defer(() => server.closeAllConnections());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const answering: RequestListener = (_request, response) => void response.end("[]");
const hangingUp: RequestListener = (request) => void request.socket.destroy();
const leaderless: RequestListener = (_request, response) => void response.writeHead(500).end("No cluster leader");
const nobody = async (): Promise<string> => `http://127.0.0.1:${(await freePorts(1))[0]}`;
const clientOf = (...addresses: readonly string[]) => opened.use(openNomadClient({ address: addresses.join(",") }));

test("what is read is read from the next server where one hangs up, has no leader or is not there", async () => {
  const client = clientOf(await nobody(), await serverThat("a", hangingUp), await serverThat("b", leaderless), await serverThat("c", answering));
  expect((await client.get("/v1/jobs")).value).toEqual([]);
  // Who answered last is asked first.
  await client.get("/v1/jobs");
  expect(asked).toEqual(["a GET", "b GET", "c GET", "c GET"]);
});

test("what changes something goes to another server only where nothing can have arrived", async () => {
  const client = clientOf(await nobody(), await serverThat("a", answering));
  await client.send("POST", "/v1/jobs", {});
  const other = clientOf(await serverThat("b", hangingUp), await serverThat("c", answering));
  await expect(other.send("POST", "/v1/jobs", {})).rejects.toMatchObject({ code: "SCHEDULER_UNAVAILABLE", retry: true });
  // Whoever tries again, having looked, comes to one that answers.
  await other.send("POST", "/v1/jobs", {});
  expect(asked).toEqual(["a POST", "b POST", "c POST"]);
});

test("with no server left it says what the last one did, after asking each once", async () => {
  const client = clientOf(await serverThat("a", hangingUp), await serverThat("b", leaderless));
  await expect(client.get("/v1/jobs")).rejects.toMatchObject({
    code: "SCHEDULER_UNAVAILABLE",
    message: expect.stringContaining("No cluster leader"),
  });
  expect(asked).toEqual(["a GET", "b GET"]);
});

test("a server that says no is not asked around", async () => {
  const client = clientOf(
    await serverThat("a", (_request, response) => void response.writeHead(400).end("bad job")),
    await serverThat("b", answering),
  );
  await expect(client.get("/v1/jobs")).rejects.toMatchObject({ code: "SCHEDULER_REFUSED", publicMessage: "Nomad refused: bad job" });
  expect(asked).toEqual(["a GET"]);
});
