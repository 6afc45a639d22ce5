import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { endpointSources } from "../../server/api/console-files.ts";
import { testApi } from "../support/api.ts";

async function built() {
  const directory = await mkdtemp(join(tmpdir(), "serai-console-"));
  const client = join(directory, "dist");
  await mkdir(join(client, "assets"), { recursive: true });
  await writeFile(join(client, "index.html"), "<title>Serai</title>");
  await writeFile(join(client, "assets", "app-abc123.js"), "run()");
  await writeFile(join(directory, "secret.txt"), "secret");
  return { client, [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) };
}

test("every page of the console is its front page, fresh each time, and what has a hash in its name is kept for ever", async () => {
  await using files = await built();
  await using api = await testApi({ clientDirectory: files.client });
  for (const path of ["/", "/services/svc_x", "/index.html"]) {
    const page = await fetch(`${api.url}${path}`, { headers: { accept: "text/html" } });
    expect(await page.text()).toBe("<title>Serai</title>");
    expect(page.headers.get("cache-control")).toBe("no-cache");
    expect(page.headers.get("x-content-type-options")).toBe("nosniff");
    expect(page.headers.get("content-security-policy")).toMatch(/script-src 'self';.*frame-ancestors 'none'/);
  }
  const script = await fetch(`${api.url}/assets/app-abc123.js`);
  expect([await script.text(), script.headers.get("cache-control")]).toEqual(["run()", "public, max-age=31536000, immutable"]);
  expect(script.headers.get("content-type")).toContain("text/javascript");
  expect((await fetch(`${api.url}/assets/gone.js`, { headers: { accept: "text/html" } })).status).toBe(404);
  expect((await fetch(`${api.url}/services`, { method: "POST" })).status).toBe(404);
});

test.each([
  ["http://localhost:{port}", "http://localhost:*"],
  ["http://[::1]:{port}", "http://[::1]:*"],
  ["https://{service}.models.example.com", "https://*.models.example.com"],
  ["https://{service}.models.example.com:8443", "https://*.models.example.com:8443"],
  ["https://models-{service}.example.com", "https://*.example.com"],
  ["http://{service}", "http://*"],
])("with endpoints at %s, pages may call %s", (template, sources) => {
  expect(endpointSources(template)).toBe(sources);
});

test("the console's large files come compressed to whoever takes that, and as they are to everybody else", async () => {
  await using files = await built();
  const script = "run();\n".repeat(1000);
  await writeFile(join(files.client, "assets", "large-abc123.js"), script);
  await using api = await testApi({ clientDirectory: files.client });
  const get = async (encoding: string) => {
    const sent = request(`${api.url}/assets/large-abc123.js`, { headers: { "accept-encoding": encoding } });
    sent.end();
    const [response] = await once(sent, "response");
    const body = await buffer(response);
    expect(response.headers).toMatchObject({ vary: "Accept-Encoding", "content-length": String(body.length) });
    return { encoding: response.headers["content-encoding"] as string | undefined, body };
  };
  for (const taken of ["gzip", "gzip, deflate, br, zstd", "br;q=1.0, gzip;q=0.8"]) {
    const { encoding, body } = await get(taken);
    expect([encoding, gunzipSync(body).toString()]).toEqual(["gzip", script]);
  }
  for (const other of ["identity", "br", "gzip;q=0", "gzip; q=0.00"]) {
    const { encoding, body } = await get(other);
    expect([encoding, body.toString()], other).toEqual([undefined, script]);
  }
});

test("no path leads out of the console's files", async () => {
  await using files = await built();
  await using api = await testApi({ clientDirectory: files.client });
  for (const path of ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/../../secret.txt", "/..%2fsecret.txt", "/%00", "/%", "//secret.txt"]) {
    const sent = request(api.url, { path });
    sent.end();
    const [response] = await once(sent, "response");
    let text = "";
    for await (const chunk of response) text += String(chunk);
    expect([response.statusCode, text.includes("secret")], path).toEqual([404, false]);
  }
});
