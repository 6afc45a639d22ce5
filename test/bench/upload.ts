/**
 * One GiB into Serai by tus, beside the same file sent by `curl -T` to nginx with dav, over loopback. curl sends both, so that only what
 * receives differs; a row more is the whole of it with tus-js-client, as the console does it, and one the plain PUT. In turn, and with
 * the disk at rest before each, because Serai answers when the file is safe on the disk, and nginx before that.
 */
import { execFile, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Upload } from "tus-js-client";
import { freePorts } from "../support/ports.ts";
import { npmStart, openPlace, type Started } from "./npm-start.ts";
import type { Part, Row } from "./part.ts";
import { median } from "./statistics.ts";
import { answers, until } from "./until.ts";

const rounds = 8;
const fileBytes = 1024 ** 3;
const run = promisify(execFile);
const has = (program: string, argument: string): boolean => spawnSync(program, [argument], { stdio: "ignore" }).status === 0;

export const upload: Part = {
  name: "upload",
  missing: () => (has("nginx", "-v") && has("curl", "--version") ? null : "it needs nginx and curl: apt-get install nginx-light curl"),
  async measure(opened) {
    const directory = await mkdtemp(join(tmpdir(), "serai-bench-upload-"));
    opened.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
    const file = join(directory, "file");
    await makeFile(file);
    const nginx = await startNginx(opened, directory);
    const serai = await npmStart(opened, await openPlace(opened, { SERAI_EXAMPLES: "0" }));
    const folderId = await createFolder(serai);
    const ways: Readonly<Record<string, (name: string) => Promise<void>>> = {
      nginx: (name) => curl(["-T", file, `${nginx}/${name}`]),
      tus: (name) => patch(serai, folderId, file, name),
      client: (name) => byClient(serai, folderId, file, name),
      put: (name) => curl(["-T", file, "-H", `authorization: Bearer ${serai.adminToken}`, `${serai.url}files/${folderId}/${name}`]),
    };
    const seconds: Record<string, number[]> = {};
    for (let round = 0; round < rounds; round += 1) {
      // Another goes first each time: a disk takes the first gigabyte faster than the fourth.
      for (const [way, send] of rotated(Object.entries(ways), round)) {
        await run("sync");
        const begun = performance.now();
        await send(`${way}-${round}`);
        (seconds[way] ??= []).push((performance.now() - begun) / 1000);
      }
      for (const way of Object.keys(ways)) await remove(serai, folderId, `${way}-${round}`);
      await rm(join(directory, "dav", `nginx-${round}`), { force: true });
    }
    const perSecond = (way: string): number => fileBytes / 1e6 / median(seconds[way] ?? []);
    const row = (way: string, name: string, aim: string): Row => ({
      name,
      figure: `${perSecond(way).toFixed(0)} MB/s (median of ${rounds})`,
      aim,
      ...(way === "nginx" ? {} : { ratio: (perSecond(way) / perSecond("nginx")).toFixed(2) }),
    });
    return [
      row("nginx", "1 GiB by curl -T to nginx with dav", ""),
      row("tus", "the same into Serai by tus, one PATCH of curl", "0.6 of it"),
      row("client", "by tus-js-client, in chunks of 64 MiB", ""),
      row("put", "by PUT /files", ""),
    ];
  },
};

const rotated = <T>(all: readonly T[], by: number): readonly T[] => all.map((_, index) => all[(index + by) % all.length] as T);

async function makeFile(path: string): Promise<void> {
  await using file = await open(path, "w");
  const block = randomBytes(16 * 1024 * 1024);
  for (let written = 0; written < fileBytes; written += block.length) await file.writeFile(block);
}

const curl = async (arguments_: readonly string[]): Promise<void> => {
  await run("curl", ["-sS", "--fail", "-o", "/dev/null", ...arguments_]);
};

/** @returns its URL. As root its workers are root as well, so that they may write here. */
async function startNginx(opened: AsyncDisposableStack, directory: string): Promise<string> {
  const [port] = await freePorts(1);
  await mkdir(join(directory, "dav"));
  const configuration = `daemon off; pid ${directory}/nginx.pid; error_log ${directory}/error.log; ${process.getuid?.() === 0 ? "user root;" : ""}
    events {}
    http { access_log off; client_max_body_size 0; client_body_temp_path ${directory}/body;
      server { listen 127.0.0.1:${port}; root ${directory}/dav; dav_methods PUT; location = /up { return 200; } } }`;
  await writeFile(join(directory, "nginx.conf"), configuration);
  const nginx = spawn("nginx", ["-p", directory, "-c", join(directory, "nginx.conf")], { stdio: ["ignore", "ignore", "inherit"] });
  const exited = once(nginx, "exit");
  opened.defer(async () => {
    nginx.kill("SIGTERM");
    await exited;
  });
  const url = `http://127.0.0.1:${port}`;
  await until("nginx answers", 50, () => answers(`${url}/up`));
  return url;
}

async function createFolder({ url, adminToken }: Started): Promise<string> {
  const answer = await fetch(new URL("/graphql", url), {
    method: "POST",
    headers: { authorization: `Bearer ${adminToken}`, "content-type": "application/json" },
    body: JSON.stringify({
      query: `mutation { createFolder(input: {name: "bench", usage: GENERAL}) { ... on CreateFolderSuccess { folder { id } } } }`,
    }),
  });
  const { data } = (await answer.json()) as { data: { createFolder: { folder: { id: string } } } };
  return data.createFolder.folder.id;
}

async function patch({ url, adminToken }: Started, folderId: string, file: string, path: string): Promise<void> {
  const encoded = [folderId, path].map((text) => Buffer.from(text).toString("base64"));
  const created = await fetch(new URL("/uploads", url), {
    method: "POST",
    headers: {
      authorization: `Bearer ${adminToken}`,
      "tus-resumable": "1.0.0",
      "upload-length": String(fileBytes),
      "upload-metadata": `folderId ${encoded[0]},path ${encoded[1]}`,
    },
  });
  const location = created.headers.get("location") ?? "";
  const headers = [
    `authorization: Bearer ${adminToken}`,
    "tus-resumable: 1.0.0",
    "upload-offset: 0",
    "content-type: application/offset+octet-stream",
  ];
  await curl(["-X", "PATCH", ...headers.flatMap((header) => ["-H", header]), "-T", file, new URL(location, url).href]);
}

function byClient({ url, adminToken }: Started, folderId: string, file: string, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    new Upload(createReadStream(file), {
      endpoint: new URL("/uploads", url).href,
      headers: { authorization: `Bearer ${adminToken}` },
      metadata: { folderId, path },
      chunkSize: 64 * 1024 * 1024,
      onSuccess: () => resolve(),
      onError: reject,
    }).start();
  });
}

async function remove({ url, adminToken }: Started, folderId: string, path: string): Promise<void> {
  await fetch(new URL(`/files/${folderId}/${path}`, url), { method: "DELETE", headers: { authorization: `Bearer ${adminToken}` } });
}
