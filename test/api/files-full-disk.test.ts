/** On a small disk of the test's own, mounted where one folder is. */
import { execFileSync } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { place } from "../support/files.ts";
import { missing } from "../support/needs.ts";

// It takes what Docker takes as well: root that may mount.
const cannotMount = missing(
  !mayMount(),
  "docker",
  "a disk that fills up while a file is written",
  "run the tests as root that may mount, as Docker needs it",
);

test.skipIf(cannotMount)("a full disk is said as such, leaves no half file, and can be freed by deleting", async () => {
  await using at = await place();
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", at.path]);
  try {
    await writeFile(join(at.path, "filler"), Buffer.alloc(2_000_000));
    for (const headers of [{}, { "transfer-encoding": "chunked" }]) {
      const full = await at.ask("PUT", "d/large", { body: Buffer.alloc(6_000_000, "x"), headers });
      expect([full.status, full.json()]).toMatchObject([507, { code: "DISK_FULL", message: "The disk of the folders is full." }]);
      expect(await readdir(at.path)).toEqual(["filler"]);
    }
    await writeFile(join(at.path, "more"), Buffer.alloc(10_000_000)).catch(() => {});
    const document = `mutation ($id: ID!) { writeFile(input: { folderId: $id, path: "a", content: "${"x".repeat(90_000)}" }) { __typename } }`;
    const { errors } = await at.api.ask(document, { id: at.id });
    expect(errors).toMatchObject([{ message: "The disk of the folders is full.", extensions: { code: "FOLDER_UNAVAILABLE" } }]);
    expect((await at.ask("DELETE", "more")).status).toBe(204);
    expect((await at.ask("PUT", "a", { body: "now it fits" })).status).toBe(201);
  } finally {
    execFileSync("umount", [at.path]);
  }
});

function mayMount(): boolean {
  try {
    execFileSync("unshare", ["--mount", "mount", "-t", "tmpfs", "tmpfs", tmpdir()], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
