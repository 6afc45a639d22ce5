/** Clients go at any moment: while a request is being read, written, refused or packed. */
import { mkdir, readdir, truncate, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { adminToken } from "../support/api.ts";
import { openFiles, place } from "../support/files.ts";

test("whoever breaks off, in whatever and whenever, leaves nothing open, no half file, and a server that answers", async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on("unhandledRejection", note);
  await using _listening = { [Symbol.asyncDispose]: async () => void process.off("unhandledRejection", note) };
  await using at = await place({ quotaBytes: 100_000_000 });
  await mkdir(join(at.path, "d/e"), { recursive: true });
  for (const name of ["d/1", "d/e/2", "3"]) await writeFile(join(at.path, name), "");
  for (const name of ["d/1", "3"]) await truncate(join(at.path, name), 20_000_000);
  const { hostname, port } = new URL(at.api.url);
  const metadata = (path: string): string => `folderId ${Buffer.from(at.id).toString("base64")},path ${Buffer.from(path).toString("base64")}`;
  const body = "x".repeat(300_000);
  const requests = [
    ...["3", "?archive=tar", "?archive=zip", "d?archive=tar", "d", "missing"].map((path) => `GET /files/${at.id}/${path} HTTP/1.1\r\n`),
    ...["new", "d/new", "3/new", "3"].map((path) => `PUT /files/${at.id}/${path} HTTP/1.1\r\nContent-Length: 600000\r\nIf-None-Match: *\r\n`),
    `PUT /files/${at.id}/large HTTP/1.1\r\nContent-Length: 900000000\r\n`,
    ...["up", "d/up"].map(
      (path) =>
        `POST /uploads HTTP/1.1\r\nTus-Resumable: 1.0.0\r\nUpload-Length: 600000\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: 600000\r\nUpload-Metadata: ${metadata(path)}\r\n`,
    ),
  ];
  const broken = Array.from({ length: 20 }, async (_, turn) => {
    for (const [index, request] of requests.entries()) {
      const socket = connect(Number(port), hostname).on("error", () => {});
      const closed = new Promise((resolve) => socket.once("close", resolve));
      socket.write(`${request}Host: x\r\nAuthorization: Bearer ${adminToken}\r\n\r\n`);
      if (!request.startsWith("GET")) socket.write(body);
      // Some at once, some after the answer has begun, some in between.
      for (let wait = (turn * 7 + index * 3) % 40; wait > 0; wait -= 1) await readdir(at.path);
      if (turn % 3 === 0) socket.resetAndDestroy();
      else socket.destroy();
      await closed;
    }
  });
  await Promise.all(broken);
  await expect.poll(async () => (await openFiles()).filter((file) => file.startsWith(at.api.foldersDirectory)), { timeout: 20_000 }).toEqual([]);
  expect((await readdir(at.path)).toSorted()).toEqual(["3", "d"]);
  expect((await readdir(join(at.path, "d"))).toSorted()).toEqual(["1", "e"]);
  expect((await at.ask("PUT", "after", { body: "x" })).status).toBe(201);
  expect(unhandled).toEqual([]);
});
