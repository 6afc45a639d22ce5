import { once } from "node:events";
import { createServer, get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { expect, test } from "vitest";
import { cutStalled } from "../../server/api/cut-stalled.ts";

test("a download that is read goes on for as long as it takes; one that is not is cut off, and what it held is given back", async () => {
  const held: string[] = [];
  await using server = createServer((request, response) => {
    cutStalled(response, 300);
    held.push(request.url ?? "");
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(64 * 1024);
      })(),
    );
    void pipeline(endless, response).catch(() => held.splice(held.indexOf(request.url ?? ""), 1));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const begin = async (path: string): Promise<IncomingMessage> => {
    const request = get({ host: "127.0.0.1", port, path, agent: false });
    const [response] = (await once(request, "response")) as [IncomingMessage];
    return response.on("error", () => {});
  };
  const read = await begin("/read");
  read.resume();
  await begin("/stalled");
  expect(held).toEqual(["/read", "/stalled"]);
  await expect.poll(() => held, { timeout: 10_000 }).toEqual(["/read"]);
  read.destroy();
  await expect.poll(() => held).toEqual([]);
});
