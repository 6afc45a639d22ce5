import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { graphqlOf } from "../support/graphql.ts";
import { freePorts } from "../support/ports.ts";
import { startSerai, type Serai } from "../support/serai.ts";
import { get, patience } from "./service-of.ts";

const example = async (serai: Serai) => {
  await using api = graphqlOf(serai);
  const { service } = (await api.ask(`{ service(name: "simple-http-server") { id endpoint status openToPublic } }`)) as {
    service: { id: string; endpoint: string; status: string; openToPublic: boolean };
  };
  return service;
};

/** Processes of this data directory: by command line, working directory or environment. */
async function processesIn(directory: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name) && name !== String(process.pid))) {
    const read = (file: string) => readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "");
    const command = await read("cmdline");
    if (command.includes(directory) || (await read("environ")).includes(directory)) found.push(command.replaceAll("\0", " "));
  }
  return found;
}

test("the first start serves the examples, one of them to chat with; Ctrl-C ends everything, and a second start finds it as it was", async () => {
  await using first = await startSerai();
  const served = await example(first);
  expect(served.openToPublic).toBe(true);
  await expect.poll(() => get(served.endpoint), patience).toBe(200);
  const [, chatId] = /Chat {5}\S+services\/(\S+)\/chat/.exec(first.output()) ?? [];
  await using api = graphqlOf(first);
  const { service: chat } = (await api.ask(`{ service(id: "${chatId}") { name endpoint } }`)) as { service: { name: string; endpoint: string } };
  await expect.poll(() => get(`${chat.endpoint}/v1/models`), patience).toBe(200);

  expect(await first.end("SIGINT")).toBe(0);
  expect(await processesIn(first.dataDirectory)).toEqual([]);
  await expect.poll(() => get(served.endpoint), { timeout: 5000 }).toMatch(/fetch failed/);

  const { dataDirectory, endpointPorts } = first;
  await using second = await startSerai({ dataDirectory, endpointPorts });
  expect(second.adminToken).toBe(first.adminToken);
  expect(await example(second)).toMatchObject({ id: served.id, endpoint: served.endpoint });
  await expect.poll(() => get(served.endpoint), patience).toBe(200);
  await expect.poll(async () => (await example(second)).status, patience).toBe("HEALTHY");
});

test("where there is one port only, the first start serves the first example, and says of the other why not", async () => {
  const [port = 0] = await freePorts(1);
  await using serai = await startSerai({ endpointPorts: `${port}-${port}` });
  expect((await example(serai)).endpoint).toBe(`http://localhost:${port}`);
  expect(serai.output()).toMatch(/tiny-chat.*Every port from \d+ to \d+ has a service/);
  expect(serai.output()).not.toContain("Chat ");
});

test("a second Serai on the same data directory says who has it, and harms nothing", async () => {
  await using first = await startSerai({ env: { SERAI_EXAMPLES: "0" } });
  const { dataDirectory, endpointPorts } = first;
  await expect(startSerai({ dataDirectory, endpointPorts })).rejects.toThrow(`is in use by the Serai with process id ${first.process.pid}`);
  expect(await get(new URL("/readyz", first.url).toString())).toBe(200);
});

test("what the data directory holds is nobody else's to read", async () => {
  await using serai = await startSerai({ env: { SERAI_EXAMPLES: "0" } });
  for (const [name, mode] of Object.entries({ "admin-token": 0o600, secret: 0o600, postgres: 0o700 })) {
    expect((await stat(join(serai.dataDirectory, name))).mode & 0o777, name).toBe(mode);
  }
});

test("a mistake in the settings ends the start with one plain message and no stack", async () => {
  const failing = startSerai({ env: { SERAI_ENDPOINT_URL: "foo", SERAI_EXAMPLES: "maybe" } });
  await expect(failing).rejects.toThrow(/Serai could not start\. The settings cannot be used:\n {2}SERAI_EXAMPLES: .*\n {2}SERAI_ENDPOINT_URL: /);
  await expect(failing).rejects.not.toThrow(/ {4}at /);
});
