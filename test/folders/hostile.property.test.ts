/**
 * Tests run as root on people's machines. So everything that is planted here leads into a directory of the test's own, which lies deeper
 * than any path that is tried can climb: were the promise broken, it would be broken in there. No link to `/`, `/etc` or `/proc`, ever.
 *
 * Whatever a session leaves in its folder and whatever path is asked for: nothing outside is read or changed, nothing hangs, and every
 * answer is a value of the operation's own, never something thrown.
 */
import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { sendArchive } from "../../server/folders/archive.ts";
import { bytesOf, openToRead } from "../../server/folders/read-file.ts";
import { done } from "../../server/model/problem.ts";
import { testFolder } from "../support/folder.ts";
import { Writable } from "node:stream";

type Folder = Awaited<ReturnType<typeof testFolder>>;

const secret = "what nobody may read";

/** As a session would: links in all directions, loops, pipes, odd names, and names of ours. */
async function plant({ path, outside }: Folder): Promise<void> {
  await mkdir(join(outside, "secret"), { recursive: true });
  await writeFile(join(outside, "secret/file"), secret);
  await mkdir(join(path, "d/e"), { recursive: true });
  await writeFile(join(path, "d/e/file"), "inside");
  await writeFile(join(path, "file"), "inside");
  const links: Record<string, string> = {
    out: join(outside, "secret"),
    up: "../..",
    "d/up": "../../../secret",
    target: join(outside, "secret/file"),
    "d/target": "../../../secret/file",
    top: outside,
    self: "self",
    loop: "d/loop",
    "d/loop": "../loop",
    in: "d/e",
    dangling: join(outside, "new"),
  };
  for (const [name, target] of Object.entries(links)) await symlink(target, join(path, name)).catch(() => {});
  for (const name of ["pipe", "d/pipe"]) execFileSync("mkfifo", [join(path, name)]);
  await writeFile(Buffer.concat([Buffer.from(`${path}/odd`), Buffer.from([0xff])]), "inside");
}

const part = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom("out", "up", "d", "e", "file", "target", "top", "self", "loop", "in", "folders", "pipe", "dangling", "secret", "new"),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom("..", ".", "", "\0", "a\nb", "\\", "odd\udcff", "\ud800", "x".repeat(256), ".serai-upload-1", "0", "1", "2", "self"),
  },
  fc.string({ unit: "binary", maxLength: 20 }),
);
const path = fc.oneof(
  { weight: 9, arbitrary: fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join("/")) },
  fc.string({ unit: "binary", maxLength: 40 }),
);

type Operation = (folder: Folder, one: string, other: string) => Promise<unknown>;
const operations: Readonly<Record<string, Operation>> = {
  entry: ({ folders, id }, one) => folders.entry(id, one),
  list: ({ folders, id }, one) =>
    folders.list(id, { path: one, order: "SIZE_ASC", nameContains: null }, { after: null, before: null, limit: 50, fromEnd: false }),
  readText: ({ folders, id }, one) => folders.readText(id, one),
  writeFile: ({ folders, id }, one) => folders.writeFile(id, { path: one, content: "written", ifMatch: null }),
  createDirectory: ({ folders, id }, one) => folders.createDirectory(id, one),
  move: ({ folders, id }, one, other) => folders.move(id, { from: one, to: other, overwrite: true }),
  deleteFiles: ({ folders, id }, one, other) => folders.deleteFiles(id, [one, other]),
  read: ({ folders, id }, one) =>
    folders.within(id, async ({ root }) => {
      await using opened = new AsyncDisposableStack();
      const found = await openToRead(root, one, opened);
      if (!found.ok || found.value.kind === "directory") return found.ok ? done("") : found;
      const chunks: Buffer[] = [];
      for await (const chunk of bytesOf(found.value.handle, 0, Number(found.value.stats.size))) chunks.push(chunk);
      return done(Buffer.concat(chunks).toString());
    }),
  archive: ({ folders, id }) =>
    folders.within(id, async ({ root }) => {
      const chunks: Buffer[] = [];
      const sink = new Writable({ write: (chunk: Buffer, _encoding, next) => (chunks.push(chunk), next()) });
      await sendArchive({ root, handle: root.handle }, "all", "tar", sink);
      return done(Buffer.concat(chunks).toString("latin1"));
    }),
};

const step = fc.record({ name: fc.constantFrom(...Object.keys(operations)), one: path, other: path });

test("nothing outside of a folder is read or changed, nothing hangs, and every answer is typed", { timeout: 240_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      await using folder = await testFolder();
      await plant(folder);
      for (const { name, one, other } of steps) {
        const answer = await within(5000, `${name} ${JSON.stringify([one, other])}`, operations[name]?.(folder, one, other));
        expect(JSON.stringify(answer) ?? "", name).not.toContain(secret);
        if (answer !== null && name !== "entry" && name !== "readText") expect(answer).toHaveProperty("ok");
      }
      expect(await readdir(folder.outside)).toEqual(["folders", "secret"]);
      expect(await readdir(join(folder.outside, "folders"))).toEqual([folder.id]);
      expect(await readdir(join(folder.outside, "secret"))).toEqual(["file"]);
      expect(await readFile(join(folder.outside, "secret/file"), "utf8")).toBe(secret);
    }),
    { numRuns: 150 },
  );
});

async function within<T>(milliseconds: number, what: string, answer: Promise<T> | undefined): Promise<T | undefined> {
  const { promise, reject } = Promise.withResolvers<never>();
  const patience = setTimeout(() => reject(new Error(`${what} hangs`)), milliseconds);
  try {
    return await Promise.race([answer, promise]);
  } finally {
    clearTimeout(patience);
  }
}
