/** A large file on its way while everything that has a part in it dies in turn. */
import { spawn, type ChildProcess } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createReadStream, readFileSync } from "node:fs";
import { mkdtemp, open, readdir, rm, stat } from "node:fs/promises";
import { createServer, connect, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { startSerai, type Serai } from "../support/serai.ts";

const mebibyte = 1024 * 1024;
const child = fileURLToPath(new URL("upload-child.ts", import.meta.url));

/** @returns its SHA-256. Every MiB of it is another. */
async function makeFile(path: string, mebibytes: number): Promise<string> {
  await using file = await open(path, "w");
  const hash = createHash("sha256");
  const block = randomBytes(mebibyte);
  for (let index = 0; index < mebibytes; index += 1) {
    block.writeUInt32LE(index);
    hash.update(block);
    await file.writeFile(block);
  }
  return hash.digest("hex");
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: mebibyte })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** A line to whichever Serai there is, that can be cut. */
async function openLine() {
  const sockets = new Set<Socket>();
  const line = { port: 0, url: "", cut: () => sockets.forEach((socket) => socket.destroy()), [Symbol.asyncDispose]: async () => {} };
  const server = createServer((client) => {
    const upstream = connect(line.port, "127.0.0.1");
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => {}).on("close", () => (sockets.delete(socket), other.destroy()));
    }
    client.pipe(upstream).pipe(client);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  line.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  line[Symbol.asyncDispose] = async () => {
    line.cut();
    server.close();
    await once(server, "close");
  };
  return line;
}

/** 0 where it is just ending. */
function rssBytes({ pid }: ChildProcess): number {
  const found = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return found === null ? 0 : Number(found[1]) * 1024;
}

async function createFolder({ url, adminToken }: Serai): Promise<string> {
  const answer = await fetch(new URL("/graphql", url), {
    method: "POST",
    headers: { authorization: `Bearer ${adminToken}`, "content-type": "application/json" },
    body: JSON.stringify({
      query: `mutation { createFolder(input: {name: "models", usage: MODEL}) { ... on CreateFolderSuccess { folder { id } } } }`,
    }),
  });
  const { data } = (await answer.json()) as { data: { createFolder: { folder: { id: string } } } };
  return data.createFolder.folder.id;
}

test(
  "2 GiB arrive whole though the connection, Serai and the client are killed in turn, in bounded memory, and another upload loses nothing",
  { timeout: 280_000 },
  async () => {
    await using opened = new AsyncDisposableStack();
    const directory = await mkdtemp(join(tmpdir(), "serai-long-upload-"));
    opened.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
    const [large, other] = [join(directory, "large"), join(directory, "other")];
    const sha256 = { large: await makeFile(large, 2048), other: await makeFile(other, 512) };

    // As `npm start` has it from the second start on: what compiling takes would hide what an upload takes.
    const compiled = join(directory, "compiled");
    const env = {
      SERAI_EXAMPLES: "0",
      NODE_COMPILE_CACHE: compiled,
      NODE_OPTIONS: "--max-semi-space-size=2",
      MALLOC_TRIM_THRESHOLD_: "131072",
    };
    await (await startSerai({ env }))[Symbol.asyncDispose]();
    const first = opened.use(await startSerai({ env }));
    let serai = first;
    const line = opened.use(await openLine());
    const point = () => (line.port = Number(new URL(serai.url).port));
    point();
    const folderId = await createFolder(serai);
    const folder = join(serai.dataDirectory, "folders", folderId);
    const idleBytes = rssBytes(serai.process);
    let mostBytes = 0;
    const watching = setInterval(() => {
      if (serai.process.exitCode === null && serai.process.signalCode === null) mostBytes = Math.max(mostBytes, rssBytes(serai.process));
    }, 100);
    opened.defer(() => clearInterval(watching));

    const send = (file: string, path: string, hash: string) => {
      const metadata = JSON.stringify({ folderId, path, sha256: hash });
      const client = spawn(process.execPath, [child, `${line.url}/uploads`, serai.adminToken, file, `${file}.memory`, metadata], {
        stdio: ["ignore", "pipe", "pipe"],
      });
      let said = "";
      for (const stream of [client.stdout, client.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (said += text));
      const exited = once(client, "exit").then(([code]) => code as number | null);
      opened.defer(async () => {
        client.kill("SIGKILL");
        await exited;
      });
      return { client, exited, said: () => said };
    };
    const [largeUpload, otherUpload] = [send(large, "large.bin", sha256.large), send(other, "other.bin", sha256.other)];
    /** The longest of what is staged is the large one, from its second half GiB on. */
    const comeTo = (mebibytes: number) =>
      expect
        .poll(
          async () => {
            const names = await readdir(join(serai.dataDirectory, "folders", ".uploads")).catch(() => []);
            const sizes = names.map((name) =>
              stat(join(serai.dataDirectory, "folders", ".uploads", name)).then(
                ({ size }) => size,
                () => 0,
              ),
            );
            return Math.max(0, ...(await Promise.all(sizes)));
          },
          { interval: 20, timeout: 60_000 },
        )
        .toBeGreaterThan(mebibytes * mebibyte);

    await comeTo(600);
    line.cut();
    await comeTo(1000);
    expect(await readdir(folder).then((names) => names.includes("large.bin"))).toBe(false);
    await first.end("SIGKILL");
    serai = opened.use(await startSerai({ env, dataDirectory: first.dataDirectory, endpointPorts: first.endpointPorts }));
    point();
    await comeTo(1400);
    largeUpload.client.kill("SIGKILL");
    await largeUpload.exited;
    expect(await readdir(folder).then((names) => names.includes("large.bin"))).toBe(false);

    const again = send(large, "large.bin", sha256.large);
    expect(await Promise.all([again.exited, otherUpload.exited]), again.said() + otherUpload.said()).toEqual([0, 0]);
    expect(again.said()).toBe("goes on\n");
    clearInterval(watching);
    expect({ large: await sha256Of(join(folder, "large.bin")), other: await sha256Of(join(folder, "other.bin")) }).toEqual(sha256);
    expect(await readdir(join(serai.dataDirectory, "folders", ".uploads"))).toEqual([]);
    expect(idleBytes).toBeGreaterThan(0);
    expect(mostBytes - idleBytes).toBeLessThan(100_000_000);
    console.log(`Serai held ${Math.round((mostBytes - idleBytes) / 1e6)} MB more than idle (${Math.round(idleBytes / 1e6)} MB).`);
  },
);
