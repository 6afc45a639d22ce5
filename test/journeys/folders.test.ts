/**
 * Data & Folders in a real Chromium against a really running Serai: from an empty system to a HEALTHY service by mouse and
 * keyboard, and everything that is done with files on the way. One story; each test begins where the one before it ended.
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFailed, test } from "vitest";
import { findChromium, isFocused, openBrowser, type Browser, type BrowserWindow } from "../support/browser.ts";
import { activeRow, atRow, downloaded, dropFile, entry, namesOf, overflowOf, put, sha256 } from "../support/file-list.ts";
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
    onTestFailed(() => browser.showFailure("folders", mine, other));
  });
  const onDisk = (path: string): string => join(serai.dataDirectory, "folders", folderId, path);

  test("creates a model folder from the keyboard, and opens it by its row", async () => {
    for (const { page } of [mine, other]) await page.goto(serai.signInUrl);
    const { page } = mine;
    await page.getByRole("link", { name: "Data & Folders" }).press("Enter");
    await page.getByText("No model folder yet").waitFor();
    await page.getByRole("button", { name: "Create folder" }).first().press("Enter");
    await expect.poll(() => isFocused(page.getByLabel("Folder name"))).toBe(true);
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
    await writeFile(onDisk("note.txt"), "by a session");
    await entry(page, "note.txt").waitFor();
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
    await entry(page, "note.txt").waitFor();
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
    await entry(page, "note.txt").getByRole("checkbox").click();
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
    expect(await page.getByText("There is a folder llama already.").count()).toBe(0);
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
    await entry(page, "a-file-with-quite-a-long-name-for-a-phone.txt").waitFor();
    await browser.shoot(page, "explorer-phone");
    expect(await overflowOf(page)).toBe(0);
    expect(phone.problems).toEqual([]);
  });

  test("ran no script that failed, and needed nothing that the server's policy forbids", () => {
    expect([...mine.problems, ...other.problems]).toEqual([]);
  });
});
