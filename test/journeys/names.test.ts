/** Names in the console, in a real Chromium: those that are taken, nearly right or hard to see, and those that lead elsewhere. */
import { readdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { findChromium } from "../support/browser.ts";
import { downloaded, entry, namesOf, put } from "../support/file-list.ts";
import { missing } from "../support/needs.ts";
import { openEditing, textOf, typeAll, type Editing } from "./editing.ts";

const skipped = missing(findChromium() === null, "chromium", "names in the console in a real browser", "apt-get install chromium");

describe.skipIf(skipped)("names in the console", { timeout: 120_000 }, () => {
  let world: Editing;
  beforeAll(async () => {
    world = await openEditing();
  });
  afterAll(() => world?.[Symbol.asyncDispose]());
  beforeEach(() => world.watch());
  const onDisk = (folderId: string, path: string): string => join(world.serai.dataDirectory, "folders", folderId, path);
  const opened = (folderId: string, path = ""): Promise<unknown> =>
    world.mine.page.goto(`${world.serai.url}folders/${folderId}${path === "" ? "" : `/files/${path}`}`);

  test("a name that is taken is said at the name, for as long as it is that name", async () => {
    const { page } = world.mine;
    await world.createFolder("llama");
    await page.goto(`${world.serai.url}folders`);
    await page.getByRole("button", { name: "Create folder" }).click();
    const name = page.getByLabel("Folder name");
    const said = page.getByRole("dialog").getByText("There is a folder llama already.");
    await name.fill("llama");
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.locator("[aria-invalid=true]:focus").waitFor();
    await said.waitFor();
    await name.blur();
    expect(await said.count()).toBe(1);
    await name.fill("alpaca");
    expect(await said.count()).toBe(0);
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.getByRole("link", { name: "alpaca", exact: true }).waitFor();
  });

  test("links inside the folder are downloaded, read and walked through; of others it says that they lead nowhere in it", async () => {
    const { page } = world.mine;
    const folderId = await world.createFolder("cache");
    await put(onDisk(folderId, "blobs/abc"), Buffer.from("by its link\n"));
    await put(onDisk(folderId, "blobs/def"), Buffer.from("{}\n"));
    await put(onDisk(folderId, "snapshots/x/own.txt"), Buffer.from("own\n"));
    await symlink("../../blobs/abc", onDisk(folderId, "snapshots/x/model.safetensors"));
    await symlink("../../blobs/def", onDisk(folderId, "snapshots/x/config.json"));
    await symlink("snapshots/x", onDisk(folderId, "latest"));
    await symlink("/etc", onDisk(folderId, "out"));
    await opened(folderId);
    await entry(page, "out").getByText("leads to nothing, or out of the folder").waitFor();
    await page.getByRole("link", { name: "latest", exact: true }).click();
    await entry(page, "own.txt").waitFor();
    expect(new URL(page.url()).pathname).toBe(`/folders/${folderId}/files/latest`);
    await world.browser.shoot(page, "explorer-links");
    const content = await downloaded(page, () => page.getByRole("link", { name: "model.safetensors" }).click());
    expect(content.bytes.toString()).toBe("by its link\n");
    await page.getByRole("link", { name: "config.json" }).click();
    await expect.poll(() => textOf(page).innerText()).toContain("{}");
    // What a link leads to is not replaced by way of it, so nobody types in vain.
    await page.getByText("This is a link to another file of the folder").waitFor();
    await typeAll(page, "typed");
    expect(await textOf(page).innerText()).toContain("{}");
    expect(await page.getByRole("button", { name: "Save" }).count()).toBe(0);
  });

  test("what cannot be seen in a name is shown, and renaming changes none of it unasked", async () => {
    const { page } = world.mine;
    const folderId = await world.createFolder("odd");
    const names = ["two\nlines.txt", " spaces ", "gnp\u202Egpj.exe"];
    for (const name of names) await put(onDisk(folderId, name), Buffer.from("x"));
    await opened(folderId);
    await expect.poll(async () => (await namesOf(page)).toSorted()).toEqual(["gnpU+202Egpj.exe", "two\\nlines.txt", "␣spaces␣"]);
    await world.browser.shoot(page, "explorer-odd-names");
    await page.getByRole("button", { name: "More for two\\nlines.txt" }).click();
    await page.getByRole("menuitem", { name: "Rename" }).click();
    await page.getByText("It has a line break, which cannot be typed here").waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Rename" }).click();
    await expect.poll(() => page.getByRole("dialog").count()).toBe(0);
    expect((await readdir(onDisk(folderId, ""))).toSorted()).toEqual(names.toSorted());
  });

  test("a file of nearly the definition's name is offered the right one", async () => {
    const { page } = world.mine;
    const folderId = await world.createFolder("nearly");
    await put(onDisk(folderId, "model-definition.yml.txt"), Buffer.from("models: []\n"));
    await opened(folderId);
    await page.getByRole("button", { name: "Rename it to model-definition.yml" }).click();
    await expect.poll(() => namesOf(page)).toEqual(["model-definition.yml"]);
    expect(await readFile(onDisk(folderId, "model-definition.yml"), "utf8")).toBe("models: []\n");
    await expect.poll(() => page.getByText("is not read as the model definition").count()).toBe(0);
  });

  test("a new file is opened in the editor under the name that it is given", async () => {
    const { page } = world.mine;
    const folderId = await world.createFolder("begun");
    await opened(folderId);
    await page.getByRole("button", { name: "New file" }).click();
    await page.getByLabel("Name", { exact: true }).fill("notes.md");
    await page.keyboard.press("Enter");
    await page.getByRole("textbox", { name: "Text of notes.md" }).waitFor();
    await page.getByText("A new file").waitFor();
    expect(new URL(page.url()).pathname).toBe(`/folders/${folderId}/edit/notes.md`);
  });

  test("ran no script that failed, and needed nothing that the server's policy forbids", () => {
    expect([...world.mine.problems, ...world.other.problems]).toEqual([]);
  });
});
