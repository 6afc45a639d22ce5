/**
 * Data & Folders in a real Chromium against a really running Serai: from an empty system to a HEALTHY service by mouse and
 * keyboard, and everything that is done with files on the way. One story; each test begins where the one before it ended.
 */
import { createHash, randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFailed, test } from "vitest";
import { findChromium, openBrowser, type Browser, type BrowserWindow } from "../support/browser.ts";
import { missing } from "../support/needs.ts";
import { startSerai } from "../support/serai.ts";

const soonMs = 45_000;
const skipped = missing(findChromium() === null, "chromium", "folders and files in a real browser", "apt-get install chromium");

/** What a person has on the own machine: names that are hard on addresses, an empty file, one that takes several requests. */
const tree: Readonly<Record<string, Buffer>> = {
  "index.html": Buffer.from("<h1>From the folder</h1>\n"),
  "config.json": Buffer.from('{"heads": 12}\n'),
  "weights/model-00001.safetensors": randomBytes(3_000_000),
  "weights/none.txt": Buffer.alloc(0),
  "weights/50% größe #1?.txt": Buffer.from("hard to say\n"),
  "weights/deep/down/x.bin": randomBytes(70_000),
};

describe.skipIf(skipped)("data and folders", () => {
  let serai: Awaited<ReturnType<typeof startSerai>>;
  let browser: Browser;
  let mine: BrowserWindow;
  let other: BrowserWindow;
  let own: string;
  let folderId: string;

  beforeAll(async () => {
    own = await mkdtemp(join(tmpdir(), "serai-own-"));
    for (const [path, content] of Object.entries(tree)) await put(join(own, "model", path), content);
    serai = await startSerai({ env: { SERAI_EXAMPLES: "0" } });
    browser = await openBrowser();
    mine = await browser.openWindow();
    other = await browser.openWindow({ scheme: "dark" });
    for (const { page } of [mine, other]) page.setDefaultTimeout(soonMs);
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await serai?.[Symbol.asyncDispose]();
    await rm(own, { recursive: true, force: true });
  });
  beforeEach(() => {
    onTestFailed(async () => {
      for (const [name, window] of Object.entries({ mine, other })) await browser.shoot(window.page, `failed-folders-${name}`);
      console.log(`Screenshots: ${browser.keepScreenshots()}`);
    });
  });
  const onDisk = (path: string): string => join(serai.dataDirectory, "folders", folderId, path);

  test("creates a model folder from the keyboard, and opens it by its row", async () => {
    for (const { page } of [mine, other]) await page.goto(serai.signInUrl);
    const { page } = mine;
    await page.getByRole("link", { name: "Data & Folders" }).press("Enter");
    await page.getByText("No model folder yet").waitFor();
    await page.getByRole("button", { name: "Create folder" }).first().press("Enter");
    await page.keyboard.type("my llama");
    await page.keyboard.press("Tab");
    await page.getByText("Only letters, digits, dots, hyphens and underscores.").waitFor();
    await page.getByLabel("Folder name").fill("llama");
    await page.getByLabel("Quota").fill("1");
    await browser.shoot(page, "folder-create");
    await page.getByLabel("Quota").press("Enter");
    const row = page.getByRole("row", { name: /^llama/ });
    await row.getByText("of 1.0 GiB").waitFor();
    await page.getByRole("link", { name: "llama", exact: true }).focus();
    await page.keyboard.press("Enter");
    await page.getByText("This folder is empty").waitFor();
    folderId = new URL(page.url()).pathname.split("/")[2] ?? "";
    await browser.shoot(page, "explorer-empty");
    await other.page.goto(page.url());
    await other.page.getByText("This folder is empty").waitFor();
  });

  test("uploads a directory with all that is in it, byte by byte, and shows it in another window by itself", async () => {
    const { page } = mine;
    await page.getByLabel("Directory to upload").setInputFiles(join(own, "model"));
    await page.getByText("6 files uploaded").waitFor();
    for (const [path, content] of Object.entries(tree)) expect((await readFile(onDisk(join("model", path)))).equals(content), path).toBe(true);
    await entry(page, "model").waitFor();
    await entry(other.page, "model").waitFor();
    await page.getByRole("button", { name: "Show the files" }).click();
    await browser.shoot(page, "explorer-uploaded");
    await page.getByRole("button", { name: "Close uploads" }).click();
  });

  test("takes files and directories that are dropped on the page, empty ones too", async () => {
    const { page } = mine;
    await dropFile(page, "dropped.txt", "dropped\n");
    await entry(page, "dropped.txt").waitFor();
    expect(await readFile(onDisk("dropped.txt"), "utf8")).toBe("dropped\n");
    await dropFile(page, "dropped.txt", "dropped again\n");
    await page.getByText("1 file of this choice is there already.").waitFor();
    await page.getByRole("button", { name: "Keep what is there" }).click();
    await page.getByText("0 files uploaded, 1 kept as they were").waitFor();
    expect(await readFile(onDisk("dropped.txt"), "utf8")).toBe("dropped\n");
    await dropFile(page, "dropped.txt", "dropped again\n");
    await page.getByRole("button", { name: "Replace" }).click();
    await page.getByText("1 file uploaded").waitFor();
    expect(await readFile(onDisk("dropped.txt"), "utf8")).toBe("dropped again\n");
  });

  test("walks, chooses and renames from the keyboard alone", async () => {
    const { page } = mine;
    const list = page.getByRole("grid");
    await list.focus();
    await atRow(page, "model");
    await page.keyboard.press("Enter");
    await entry(page, "config.json").waitFor();
    expect(new URL(page.url()).pathname).toBe(`/folders/${folderId}/files/model`);
    await atRow(page, "config.json");
    await page.keyboard.press("F2");
    await page.getByLabel("Name", { exact: true }).fill("settings/json");
    await page.keyboard.press("Enter");
    await page.getByText("A name has no /").waitFor();
    await page.getByLabel("Name", { exact: true }).fill("settings.json");
    await page.keyboard.press("Enter");
    await entry(page, "settings.json").waitFor();
    await expect.poll(() => page.getByRole("dialog").count()).toBe(0);
    await list.focus();
    await page.keyboard.press("Backspace");
    await entry(page, "dropped.txt").waitFor();
    await expect.poll(() => activeRow(page)).toContain("model");
    expect((await readdir(onDisk("model"))).toSorted()).toEqual(["index.html", "settings.json", "weights"]);
  });

  test("keeps sorting and the filter in the address", async () => {
    const { page } = mine;
    await page.goto(`${serai.url}folders/${folderId}/files/model/weights?sort=-size`);
    await entry(page, "none.txt").waitFor();
    expect(await namesOf(page)).toEqual(["deep", "model-00001.safetensors", "50% größe #1?.txt", "none.txt"]);
    await page.getByRole("button", { name: "Size" }).click();
    await expect.poll(() => namesOf(page)).toEqual(["deep", "none.txt", "50% größe #1?.txt", "model-00001.safetensors"]);
    await page.getByRole("grid").focus();
    await page.keyboard.press("/");
    await page.keyboard.type("00001");
    await expect.poll(() => namesOf(page)).toEqual(["model-00001.safetensors"]);
    expect(new URL(page.url()).searchParams.get("name")).toBe("00001");
    await page.reload();
    await expect.poll(() => namesOf(page)).toEqual(["model-00001.safetensors"]);
  });

  test("downloads what was uploaded, a directory as an archive", async () => {
    const { page } = mine;
    const content = await downloaded(page, () => page.getByRole("link", { name: "model-00001.safetensors" }).click());
    expect(sha256(content.bytes)).toBe(sha256(tree["weights/model-00001.safetensors"] ?? Buffer.alloc(0)));
    expect(content.name).toBe("model-00001.safetensors");
    await page.goto(`${serai.url}folders/${folderId}/files/model/weights`);
    const hard = await downloaded(page, async () => {
      await entry(page, "50% größe #1?.txt").getByRole("button").click();
      await page.getByRole("menuitem", { name: "Download" }).click();
    });
    expect(hard.bytes.toString()).toBe("hard to say\n");
    const archive = await downloaded(page, async () => {
      await entry(page, "deep").getByRole("button").click();
      await page.getByRole("menuitem", { name: "Download as zip" }).click();
    });
    expect(archive.name).toBe("deep.zip");
    expect(archive.bytes.includes("down/x.bin")).toBe(true);
  });

  test("moves what is chosen to where one walks in the dialog, and replaces nothing unasked", async () => {
    const { page } = mine;
    await page.goto(`${serai.url}folders/${folderId}/files/model/weights`);
    await entry(page, "none.txt").getByRole("checkbox").click();
    await entry(page, "50% größe #1?.txt").getByRole("checkbox").click();
    await page.getByText("2 entries chosen").waitFor();
    await page.getByRole("button", { name: "Move" }).click();
    const dialog = page.getByRole("dialog");
    expect(await dialog.getByRole("button", { name: "Move here" }).isDisabled()).toBe(true);
    await dialog.getByRole("button", { name: "deep" }).click();
    await dialog.getByRole("button", { name: "down" }).click();
    await browser.shoot(page, "explorer-move");
    await dialog.getByRole("button", { name: "Move here" }).click();
    await expect.poll(() => namesOf(page)).toEqual(["deep", "model-00001.safetensors"]);
    expect((await readdir(onDisk("model/weights/deep/down"))).toSorted()).toEqual(["50% größe #1?.txt", "none.txt", "x.bin"]);
    await writeFile(onDisk("model/weights/none.txt"), "another");
    await entry(page, "none.txt").getByRole("checkbox").click();
    await page.getByRole("button", { name: "Move" }).click();
    await dialog.getByRole("button", { name: "deep" }).click();
    await dialog.getByRole("button", { name: "down" }).click();
    await dialog.getByRole("button", { name: "Move here" }).click();
    await dialog.getByRole("alert").filter({ hasText: "none.txt" }).waitFor();
    await dialog.getByLabel("Replace files of the same name").check();
    await dialog.getByRole("button", { name: "Move here" }).click();
    await expect.poll(() => readFile(onDisk("model/weights/deep/down/none.txt"), "utf8")).toBe("another");
  });

  test("deletes files only after saying which and how much, and makes directories", async () => {
    const { page } = mine;
    await page.goto(`${serai.url}folders/${folderId}`);
    await page.getByRole("button", { name: "New directory" }).click();
    await page.getByLabel("Name", { exact: true }).fill("notes");
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await entry(page, "notes").waitFor();
    expect((await stat(onDisk("notes"))).isDirectory()).toBe(true);
    await entry(page, "dropped.txt").getByRole("checkbox").click();
    await entry(page, "notes").getByRole("checkbox").click();
    await page.getByRole("grid").focus();
    await page.keyboard.press("Delete");
    await page.getByText("1 file and 1 directory with everything in it").waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await expect.poll(() => namesOf(page)).toEqual(["model"]);
    await expect.poll(() => readdir(onDisk(""))).toEqual(["model"]);
  });

  test("says what the folder lacks, leads to the editor and from the folder to a HEALTHY service", async () => {
    const { page } = mine;
    await page.getByRole("link", { name: "Write model-definition.yml" }).click();
    await page.getByRole("button", { name: "Insert the guide" }).click();
    await page.getByText("The definition can be used.").waitFor();
    await page.keyboard.press("Control+s");
    await page.getByRole("status").getByText("Saved", { exact: true }).waitFor();
    await page.getByRole("navigation", { name: "Breadcrumbs" }).getByRole("link", { name: "llama" }).click();
    await entry(page, "model-definition.yml").waitFor();
    await browser.shoot(page, "explorer-light");
    await browser.shoot(other.page, "explorer-dark");
    await page.getByRole("link", { name: "Start service from this folder" }).click();
    await expect.poll(() => page.getByLabel("Service name").inputValue()).toBe("llama");
    await page.getByRole("dialog").getByText("model-definition.yml is read from the folder llama").waitFor();
    await page.getByRole("button", { name: "Start", exact: true }).click();
    await page.getByRole("heading", { name: "llama", exact: true }).waitFor();
    await page.locator("[data-size=large][data-status=HEALTHY]").waitFor();
    await other.page.getByRole("link", { name: "llama" }).and(other.page.locator(".using")).waitFor();
  });

  test("deletes a folder at once, with a way back, but not one that a service uses", async () => {
    const { page } = mine;
    await page.goto(`${serai.url}folders`);
    await page.getByRole("button", { name: "More for llama" }).click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
    await page.getByRole("alert").filter({ hasText: "llama was not deleted" }).waitFor();
    await page.getByRole("button", { name: "Create folder" }).click();
    await page.getByLabel("Folder name").fill("data");
    await page.getByText("General", { exact: true }).last().click();
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.getByRole("link", { name: "data", exact: true }).waitFor();
    expect(new URL(page.url()).search).toBe("?tab=general");
    await other.page.goto(page.url());
    await other.page.getByRole("link", { name: "data", exact: true }).waitFor();
    await page.getByRole("link", { name: "data", exact: true }).focus();
    await page.keyboard.press("Delete");
    await page.getByText("data is in the trash.").waitFor();
    await other.page.getByText("No general folder yet").waitFor();
    await browser.shoot(page, "folder-undo");
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("link", { name: "data", exact: true }).waitFor();
    await other.page.getByRole("link", { name: "data", exact: true }).waitFor();
  });

  test("renames a folder, restores one from the trash, and deletes it for good only after its name was typed", async () => {
    const { page } = mine;
    await page.getByRole("link", { name: "data", exact: true }).focus();
    await page.keyboard.press("F2");
    await page.getByLabel("Folder name").fill("corpus");
    await page.getByRole("dialog").getByText("Read only").click();
    await page.getByRole("button", { name: "Save" }).click();
    await page
      .getByRole("row", { name: /^corpus/ })
      .getByText("Read only")
      .waitFor();
    await page.getByRole("link", { name: "corpus", exact: true }).focus();
    await page.keyboard.press("Delete");
    await page.getByRole("tab", { name: /^Trash/ }).click();
    await page.getByRole("button", { name: "Restore corpus" }).click();
    await page.getByText("The trash is empty").waitFor();
    await page.getByRole("tab", { name: /^General/ }).click();
    await page.getByRole("link", { name: "corpus", exact: true }).focus();
    await page.keyboard.press("Delete");
    await page.getByRole("tab", { name: /^Trash/ }).click();
    await browser.shoot(page, "folder-trash");
    await page.getByRole("button", { name: "Delete corpus for good" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(/^Type corpus/).fill("corpu");
    expect(await dialog.getByRole("button", { name: "Delete for good" }).isDisabled()).toBe(true);
    await dialog.getByLabel(/^Type corpus/).fill("corpus");
    await dialog.getByRole("button", { name: "Delete for good" }).click();
    await page.getByText("The trash is empty").waitFor();
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
    await entry(page, "model").waitFor();
    const network = await page.context().newCDPSession(page);
    const limit = (bytesPerSecond: number) =>
      network.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: bytesPerSecond });
    await network.send("Network.enable");
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

  test("fits a phone: neither the folders nor the files are wider than 390 px", async () => {
    const phone = await browser.openWindow({ width: 390, height: 844 });
    const { page } = phone;
    page.setDefaultTimeout(soonMs);
    await page.goto(serai.signInUrl);
    await page.getByRole("link", { name: "Data & Folders" }).click();
    await page.getByRole("link", { name: "llama", exact: true }).waitFor();
    await browser.shoot(page, "folders-phone");
    expect(await overflowOf(page)).toBe(0);
    await page.getByRole("link", { name: "llama", exact: true }).click();
    await entry(page, "model").waitFor();
    await dropFile(page, "a-file-with-quite-a-long-name-for-a-phone.txt", "x");
    await page.getByText("1 file uploaded").waitFor();
    await browser.shoot(page, "explorer-phone");
    expect(await overflowOf(page)).toBe(0);
    expect(phone.problems).toEqual([]);
  });

  test("ran no script that failed, and needed nothing that the server's policy forbids", () => {
    expect([...mine.problems, ...other.problems]).toEqual([]);
  });
});

const entry = (page: Page, name: string): Locator =>
  page
    .getByRole("grid")
    .getByRole("row")
    .filter({ has: page.getByText(name, { exact: true }) });
const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
const overflowOf = (page: Page): Promise<number> => page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");

async function put(path: string, content: Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

/** The names in the list, from top to bottom. */
const namesOf = (page: Page): Promise<string[]> =>
  page
    .getByRole("grid")
    .locator("[data-index] .name .cut")
    .evaluateAll((names) => {
      const top = (name: Element): number => name.getBoundingClientRect().top;
      return names.toSorted((a, b) => top(a) - top(b)).map((name) => name.textContent ?? "");
    });

/** What the row says that the keyboard is on. */
async function activeRow(page: Page): Promise<string> {
  const id = await page.getByRole("grid").getAttribute("aria-activedescendant");
  return id === null ? "" : page.locator(`[id="${id}"]`).innerText();
}

/** Presses the arrow key until the keyboard is on the row. */
async function atRow(page: Page, name: string): Promise<void> {
  await page.keyboard.press("Home");
  for (let steps = 0; steps < 20 && !(await activeRow(page)).includes(name); steps++) await page.keyboard.press("ArrowDown");
  expect(await activeRow(page)).toContain(name);
}

async function dropFile(page: Page, name: string, content: string): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([called, text]) => {
      const made = new DataTransfer();
      made.items.add(new File([text ?? ""], called ?? ""));
      return made;
    },
    [name, content],
  );
  await page.dispatchEvent("main", "drop", { dataTransfer: transfer });
}

async function downloaded(page: Page, ask: () => Promise<void>): Promise<{ readonly name: string; readonly bytes: Buffer }> {
  const [download] = await Promise.all([page.waitForEvent("download"), ask()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}
