/**
 * Uploads and long lists in a real Chromium against a really running Serai: directories that are dropped, a network that breaks
 * off, a session that ends, a reload in the middle, and what others do in the same directory meanwhile.
 */
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFailed, test } from "vitest";
import { findChromium, openBrowser, type Browser, type BrowserWindow } from "../support/browser.ts";
import { dropFile, entry, limiter, put, sha256 } from "../support/file-list.ts";
import { missing } from "../support/needs.ts";
import { startSerai } from "../support/serai.ts";
import { openWeakNetwork } from "../support/weak-network.ts";

const soonMs = 45_000;
const skipped = missing(findChromium() === null, "chromium", "uploads in a real browser", "apt-get install chromium");

describe.skipIf(skipped)("uploads", () => {
  let serai: Awaited<ReturnType<typeof startSerai>>;
  let browser: Browser;
  let mine: BrowserWindow;
  let own: string;
  let folderId: string;

  beforeAll(async () => {
    own = await mkdtemp(join(tmpdir(), "serai-own-"));
    serai = await startSerai({ env: { SERAI_EXAMPLES: "0" } });
    browser = await openBrowser();
    mine = await browser.openWindow();
    const { page } = mine;
    page.setDefaultTimeout(soonMs);
    await page.goto(serai.signInUrl);
    await page.getByRole("link", { name: "Data & Folders" }).click();
    await page.getByRole("button", { name: "Create folder" }).first().click();
    await page.getByLabel("Folder name").fill("llama");
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.getByRole("link", { name: "llama", exact: true }).click();
    await page.getByText("This folder is empty").waitFor();
    folderId = new URL(page.url()).pathname.split("/")[2] ?? "";
    await writeFile(onDisk("model-definition.yml"), "models: []\n");
    await entry(page, "model-definition.yml").waitFor();
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await serai?.[Symbol.asyncDispose]();
    await rm(own, { recursive: true, force: true });
  });
  beforeEach(() => {
    onTestFailed(() => browser.showFailure("uploads", mine));
  });
  const onDisk = (path: string): string => join(serai.dataDirectory, "folders", folderId, path);

  test("takes directories that are dropped on the page, with what is empty in them", async () => {
    const { page } = mine;
    await put(join(own, "dropped", "a", "b.txt"), Buffer.from("below\n"));
    await mkdir(join(own, "dropped", "empty", "more"), { recursive: true });
    const mouse = await page.context().newCDPSession(page);
    const data = { items: [], files: [join(own, "dropped")], dragOperationsMask: 1 };
    for (const type of ["dragEnter", "dragOver"] as const) await mouse.send("Input.dispatchDragEvent", { type, x: 700, y: 500, data });
    await page.getByText("Drop to upload into llama").waitFor();
    await mouse.send("Input.dispatchDragEvent", { type: "drop", x: 700, y: 500, data });
    await entry(page, "dropped").waitFor();
    await expect
      .poll(async () => (await readdir(onDisk("dropped"), { recursive: true })).toSorted())
      .toEqual(["a", "a/b.txt", "empty", "empty/more"]);
    await rm(onDisk("dropped"), { recursive: true });
    await entry(page, "dropped").waitFor({ state: "detached" });
  });

  test("asks once what becomes of files that are there already", async () => {
    const { page } = mine;
    await dropFile(page, "dropped.txt", "dropped\n");
    await entry(page, "dropped.txt").waitFor();
    expect(await readFile(onDisk("dropped.txt"), "utf8")).toBe("dropped\n");
    await dropFile(page, "dropped.txt", "dropped again\n");
    await page.getByText("dropped.txt is there already.").waitFor();
    await page.getByRole("button", { name: "Keep what is there" }).click();
    await page.getByText("0 files uploaded, 1 kept as they were").waitFor();
    expect(await readFile(onDisk("dropped.txt"), "utf8")).toBe("dropped\n");
    await dropFile(page, "dropped.txt", "dropped again\n");
    await page.getByRole("button", { name: "Replace" }).click();
    await page.getByText("1 file uploaded").waitFor();
    expect(await readFile(onDisk("dropped.txt"), "utf8")).toBe("dropped again\n");
  });

  test("goes on with an upload after a reload from where it was, once the same file is chosen again", async () => {
    const big = join(own, "big.bin");
    const content = randomBytes(24_000_000);
    await writeFile(big, content);
    const slow = await browser.openWindow();
    const { page } = slow;
    page.setDefaultTimeout(soonMs);
    await page.goto(serai.signInUrl);
    await page.getByRole("heading", { name: "Services" }).waitFor();
    await page.goto(`${serai.url}folders/${folderId}`);
    await entry(page, "model-definition.yml").waitFor();
    const limit = await limiter(page);
    await limit(4_000_000);
    await page.getByLabel("Files to upload").setInputFiles(big);
    await page.getByText(/[1-9]\.\d MiB of 23 MiB/).waitFor();
    // Inside of the console it goes on wherever one is.
    await page.getByRole("link", { name: "Services", exact: true }).click();
    await page.getByText("Uploading 1 file").waitFor();
    await browser.shoot(page, "upload-running");
    let asked = false;
    page.on("dialog", (dialog) => {
      asked = true;
      void dialog.accept();
    });
    await page.goto(`${serai.url}folders/${folderId}`);
    expect(asked).toBe(true);
    const unfinished = page.getByRole("region", { name: "Unfinished uploads" });
    await unfinished.getByText("big.bin").waitFor();
    await browser.shoot(page, "upload-unfinished");
    await limit(-1);
    const again = unfinished.getByLabel("big.bin again", { exact: true });
    const wrong = join(own, "other", "big.bin");
    await put(wrong, Buffer.from("too short"));
    await again.setInputFiles(wrong);
    await unfinished.getByText(/This file has 9 bytes/).waitFor();
    let firstOffset: number | null = null;
    page.on("request", (request) => {
      if (request.method() === "PATCH") firstOffset ??= Number(request.headers()["upload-offset"]);
    });
    await again.setInputFiles(big);
    await page.getByText("1 file uploaded").waitFor();
    expect(firstOffset).toBeGreaterThan(1_000_000);
    expect(sha256(await readFile(onDisk("big.bin")))).toBe(sha256(content));
    await unfinished.waitFor({ state: "detached" });
    expect(slow.problems).toEqual([]);
  });

  test("waits where the network or the session is gone, says so, and goes on from there; a cancelled upload leaves nothing", async () => {
    await using network = await openWeakNetwork(serai.url);
    const weak = await browser.openWindow();
    const { page } = weak;
    page.setDefaultTimeout(soonMs);
    await page.goto(serai.signInUrl.replace(serai.url, network.url));
    await page.getByRole("heading", { name: "Services" }).waitFor();
    await page.goto(`${network.url}folders/${folderId}`);
    await entry(page, "model-definition.yml").waitFor();
    const limit = await limiter(page);
    const content = randomBytes(12_000_000);
    await writeFile(join(own, "weak.bin"), content);
    await limit(3_000_000);
    await page.getByLabel("Files to upload").setInputFiles(join(own, "weak.bin"));
    await page.getByText(/[1-9]\.\d MiB of 11 MiB/).waitFor();
    network.cut();
    await page.getByText("Connecting again").waitFor();
    await page.getByRole("button", { name: "Show the files" }).click();
    await page.getByText(/Serai cannot be reached\. Tried again/).waitFor();
    network.mend();
    await page.getByText("Uploading 1 file").waitFor();
    await page.getByRole("button", { name: "Pause all uploads" }).click();
    await page.getByText("Upload paused").waitFor();
    await page.context().clearCookies();
    await page.getByRole("button", { name: "Go on with all uploads" }).click();
    await page.getByText("The session is over, so uploads wait.").waitFor();
    await page.getByLabel("Token", { exact: true }).fill(serai.adminToken);
    await page.getByRole("button", { name: "Sign in" }).click();
    await entry(page, "model-definition.yml").waitFor();
    await browser.shoot(page, "upload-signed-out");
    await limit(-1);
    await page.getByRole("button", { name: "Go on", exact: true }).click();
    await page.getByText("1 file uploaded").waitFor();
    expect(sha256(await readFile(onDisk("weak.bin")))).toBe(sha256(content));

    await limit(1_000_000);
    await writeFile(join(own, "unwanted.bin"), content);
    await page.getByLabel("Files to upload").setInputFiles(join(own, "unwanted.bin"));
    await page
      .getByText(/\d MiB of 11 MiB/)
      .first()
      .waitFor();
    await page.getByRole("button", { name: "Cancel unwanted.bin" }).click();
    await expect.poll(() => readdir(join(serai.dataDirectory, "folders", ".uploads"))).toEqual([]);
    expect(await readdir(onDisk(""))).not.toContain("unwanted.bin");
    expect(weak.problems).toEqual([]);
  });

  test("shows beside a file that its name only looks like the definition's", async () => {
    const { page } = mine;
    await page.goto(`${serai.url}folders/${folderId}`);
    await writeFile(onDisk("Model-Definition.yml"), "models: []\n");
    await entry(page, "Model-Definition.yml").locator(".warned").waitFor();
    await browser.shoot(page, "explorer-warning");
    await rm(onDisk("Model-Definition.yml"));
    await entry(page, "Model-Definition.yml").waitFor({ state: "detached" });
  });

  test("scrolls through thousands of files with few of them as elements, and reads them as they come into view", async () => {
    const { page } = mine;
    await mkdir(onDisk("many"));
    const names = Array.from({ length: 3_000 }, (_, index) => `file-${String(index).padStart(5, "0")}.bin`);
    await Promise.all(names.map((name) => writeFile(onDisk(`many/${name}`), name)));
    await page.goto(`${serai.url}folders/${folderId}/files/many`);
    await entry(page, "file-00000.bin").waitFor();
    expect(await page.getByRole("row").count()).toBeLessThan(120);
    expect(await page.getByRole("grid").getAttribute("aria-rowcount")).toBe("3001");
    await page.evaluate("scrollTo(0, document.documentElement.scrollHeight)");
    await entry(page, "file-02999.bin").waitFor();
    expect(await page.getByRole("row").count()).toBeLessThan(120);
    // Somebody else's change appears, and the view stays where it is.
    const before = await page.evaluate("scrollY");
    await rm(onDisk("many/file-02990.bin"));
    await entry(page, "file-02990.bin").waitFor({ state: "detached" });
    expect(Math.abs(Number(await page.evaluate("scrollY")) - Number(before))).toBeLessThan(100);
    // Up and back again, it is where it was left.
    await page.getByRole("grid").evaluate((grid) => (grid as unknown as { focus(how: object): void }).focus({ preventScroll: true }));
    await page.keyboard.press("Backspace");
    await entry(page, "many").waitFor();
    await page.goBack();
    await entry(page, "file-02999.bin").waitFor();
  });

  test("ran no script that failed, and needed nothing that the server's policy forbids", () => {
    expect(mine.problems).toEqual([]);
  });
});
