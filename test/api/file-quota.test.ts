/** A quota holds also where many come at the same moment, who would each fit alone. */
import { readdir, stat } from "node:fs/promises";
import { request as send } from "node:http";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { adminToken } from "../support/api.ts";
import { place } from "../support/files.ts";

const bytesIn = async (directory: string): Promise<number> => {
  const sizes = await Promise.all((await readdir(directory)).map(async (name) => (await stat(join(directory, name))).size));
  return sizes.reduce((total, size) => total + size, 0);
};

test.each([{ "content-length": 600 }, { "transfer-encoding": "chunked" }])(
  "of twenty files that come at once (%j) only so many stay as fit",
  async (framing) => {
    await using at = await place({ quotaBytes: 1500 });
    const { hostname, port } = new URL(at.api.url);
    const authorization = `Bearer ${adminToken}`;
    const requests = Array.from({ length: 20 }, (_, index) =>
      send({ host: hostname, port, method: "PUT", path: `/files/${at.id}/${index}`, headers: { authorization, ...framing }, agent: false }),
    );
    const statuses = Promise.all(
      requests.map(async (request) => {
        request.on("error", () => {}).flushHeaders();
        const [response] = await once(request, "response");
        response.resume();
        return response.statusCode as number;
      }),
    );
    // All of them have begun before any of them ends.
    for (const request of requests) request.write("x".repeat(300));
    for (const request of requests) request.end("x".repeat(300));
    expect((await statuses).filter((status) => status === 201)).toHaveLength(2);
    expect((await statuses).filter((status) => status === 507)).toHaveLength(18);
    expect(await bytesIn(at.path)).toBe(1200);
    // What was refused, or has found its place, keeps no room from others.
    expect((await at.ask("PUT", "rest", { body: "x".repeat(300) })).status).toBe(201);
    expect((await at.ask("PUT", "more", { body: "x" })).status).toBe(507);
  },
);

test("twenty texts that are written at once stay within it", async () => {
  await using at = await place({ quotaBytes: 1500 });
  const written = Array.from({ length: 20 }, (_, index) =>
    at.api.ask(`mutation ($input: WriteFileInput!) { writeFile(input: $input) { __typename } }`, {
      input: { folderId: at.id, path: String(index), content: "x".repeat(600) },
    }),
  );
  const names = (await Promise.all(written)).map(({ data }) => data?.["writeFile"].__typename as string);
  expect(names.filter((name) => name === "WriteFileSuccess")).toHaveLength(2);
  expect(await bytesIn(at.path)).toBe(1200);
});
