/** Writing text in the console, in a real Chromium against a really running Serai: alone, and with somebody else at the same file. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { guideExample } from "../control/definitions.ts";
import { findChromium } from "../support/browser.ts";
import { missing } from "../support/needs.ts";
import { accept, openEditing, option, shownText, soonMs, textOf, typeAll, type Editing } from "./editing.ts";

const skipped = missing(findChromium() === null, "chromium", "the console's editor in a real browser", "apt-get install chromium");

describe.skipIf(skipped)("the console's editor", { timeout: 120_000 }, () => {
  let world: Editing;
  beforeAll(async () => {
    world = await openEditing();
  });
  afterAll(() => world?.[Symbol.asyncDispose]());
  beforeEach(() => world.watch());

  test("an error stands at its line and is listed with the way to it; it goes away when it is corrected", async () => {
    const { page } = world.mine;
    const folderId = await world.createFolder("errors");
    await world.edit(page, folderId);
    await typeAll(page, guideExample.replace("port: 8000", "port: none"));
    const marker = page.locator(".cm-lint-marker-error");
    await marker.waitFor();
    const number = page.locator(".cm-lineNumbers .cm-gutterElement", { hasText: /^6$/ });
    const [atMarker, atNumber] = await Promise.all([marker.boundingBox(), number.boundingBox()]);
    expect(Math.abs(middleOf(atMarker) - middleOf(atNumber))).toBeLessThan(6);
    await page.getByText("1 problem", { exact: true }).waitFor();
    await world.browser.shoot(page, "editor-problem");

    // The list leads to the place, and there the word can be typed over.
    await page.getByRole("button", { name: /^Line 6, column 13/ }).click();
    await page.locator(".cm-activeLineGutter", { hasText: /^6$/ }).waitFor();
    for (const _letter of "none") await page.keyboard.press("Delete");
    await page.keyboard.type("8000");
    await page.getByText("The definition can be used.").waitFor();
    await marker.waitFor({ state: "detached" });
  });

  test("completion by keyboard alone inserts a start action that is valid, and Ctrl+S saves it", async () => {
    const { page } = world.mine;
    const folderId = await world.createFolder("completed");
    await world.edit(page, folderId);
    await page.getByRole("button", { name: "Insert the guide" }).click();
    await textOf(page).focus();
    await page.keyboard.press("Control+Home");
    for (let line = 1; line < 4; line += 1) await page.keyboard.press("ArrowDown");
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    await page.keyboard.type("pre");
    await accept(page, "pre_start_actions");
    await page.keyboard.press("Control+Space");
    await option(page, "action: mkdir").waitFor();
    await world.browser.shoot(page, "editor-completion");
    await page.keyboard.type("mk");
    await accept(page, "action: mkdir");
    await page.getByText("The definition can be used.").waitFor();
    await page.getByRole("complementary", { name: "What it means" }).getByText("mkdir", { exact: true }).waitFor();
    await page.keyboard.press("Control+s");
    await page.getByText("model-definition.yml was saved in completed.").waitFor();
    expect(await world.contentOf(folderId)).toContain("      pre_start_actions:\n        - action: mkdir\n          args:\n            path: ");
    await page.getByText("Saved", { exact: true }).waitFor();
  });

  test("hovering over a key says what it means and what its default is", async () => {
    const { page } = world.mine;
    await page.locator(".cm-line", { hasText: "max_retries" }).getByText("max_retries").hover();
    await page.locator(".cm-about", { hasText: "How many checks in a row may fail" }).waitFor();
  });

  test("a variable is completed in braces, which are closed once", async () => {
    const { page } = world.mine;
    await textOf(page).focus();
    await page.keyboard.press("Control+End");
    await page.keyboard.type("# {mo");
    await option(page, "{model_path}").waitFor();
    await page.keyboard.type("del_p");
    await accept(page, "{model_path}");
    await expect.poll(() => shownText(page)).toMatch(/# \{model_path\}\s*$/);
  });

  test("two people do not overwrite each other: the second keeps the text, sees the difference, and decides", async () => {
    const folderId = await world.createFolder("shared");
    await world.write(folderId, "one\ntwo\n", "notes.txt");
    for (const { page } of [world.mine, world.other]) await world.edit(page, folderId, "notes.txt");
    await typeAll(world.mine.page, "one\nmine\n");
    await typeAll(world.other.page, "one\ntheirs\n");
    await world.mine.page.getByRole("button", { name: "Save" }).click();
    await world.mine.page.getByText("notes.txt was saved in shared.").waitFor();
    await world.other.page.keyboard.press("Control+s");
    const conflict = world.other.page.getByRole("alert").filter({ hasText: "Somebody else has saved this file" });
    await conflict.waitFor();
    expect(await world.contentOf(folderId, "notes.txt")).toBe("one\nmine\n");
    await conflict.getByRole("button", { name: "Show the difference" }).click();
    await conflict.locator("[data-kind=gone]", { hasText: "mine" }).waitFor();
    await conflict.locator("[data-kind=come]", { hasText: "theirs" }).waitFor();
    await world.browser.shoot(world.other.page, "editor-conflict-dark");
    expect(await shownText(world.other.page)).toContain("theirs");
    await typeAll(world.mine.page, "one\nmine again\n");
    await conflict.getByRole("button", { name: "Overwrite theirs" }).click();
    await conflict.waitFor({ state: "detached" });
    await expect.poll(() => world.contentOf(folderId, "notes.txt")).toBe("one\ntheirs\n");

    // Now the first is the slower one, and goes on from the other's text.
    await world.mine.page.keyboard.press("Control+s");
    await world.mine.page.getByRole("button", { name: "Load theirs" }).click();
    await expect.poll(() => shownText(world.mine.page)).toContain("theirs");
    expect(await world.contentOf(folderId, "notes.txt")).toBe("one\ntheirs\n");
  });

  test("two people who make the same new file do not overwrite each other either", async () => {
    const folderId = await world.createFolder("new");
    for (const { page } of [world.mine, world.other]) await world.edit(page, folderId, "new.txt");
    await typeAll(world.mine.page, "mine\n");
    await typeAll(world.other.page, "theirs\n");
    await world.mine.page.keyboard.press("Control+s");
    await world.mine.page.getByText("new.txt was saved in new.").waitFor();
    await world.other.page.keyboard.press("Control+s");
    await world.other.page.getByText("Somebody else has saved this file").waitFor();
    expect(await world.contentOf(folderId, "new.txt")).toBe("mine\n");
  });

  test("a text that nobody has touched follows the file soon, and when the window is looked at again; one that somebody is writing stays", async () => {
    const folderId = await world.createFolder("followed");
    await world.write(folderId, "first\n", "notes.txt");
    const { page } = world.mine;
    await world.edit(page, folderId, "notes.txt");
    await world.write(folderId, "second\n", "notes.txt");
    await page.evaluate("dispatchEvent(new Event('focus'))");
    await expect.poll(() => shownText(page)).toContain("second");
    await page.getByText("Saved", { exact: true }).waitFor();
    await world.write(folderId, "looked at all the time\n", "notes.txt");
    await expect.poll(() => shownText(page), { timeout: soonMs }).toContain("looked at all the time");
    await page.getByText("by somebody else").waitFor();
    await typeAll(page, "my own\n");
    await world.write(folderId, "third\n", "notes.txt");
    await page.evaluate("dispatchEvent(new Event('focus'))");
    await page.getByText("Somebody else has saved this file").waitFor();
    expect(await shownText(page)).toContain("my own");
    await page.getByRole("button", { name: "Load theirs" }).click();
    await expect.poll(() => shownText(page)).toContain("third");
  });

  test("what was typed and not saved survives a reload, which asks first; the way back to the saved text is there", async () => {
    const { page } = await world.browser.openWindow();
    await world.enter(page);
    const asked: string[] = [];
    page.on("dialog", (dialog) => {
      asked.push(dialog.type());
      void dialog.accept();
    });
    const folderId = await world.createFolder("drafted");
    await world.write(folderId, "saved\n", "notes.md");
    await world.edit(page, folderId, "notes.md");
    await typeAll(page, "typed and not saved\n");
    await page.getByText("Not saved yet").waitFor();
    await page.reload();
    await textOf(page).waitFor();
    expect(asked).toEqual(["beforeunload"]);
    expect(await shownText(page)).toContain("typed and not saved");
    expect(await world.contentOf(folderId, "notes.md")).toBe("saved\n");
    await page.getByRole("button", { name: "Go back to what is saved" }).click();
    await expect.poll(() => shownText(page)).toContain("saved");
    await page.getByText("Not saved yet").waitFor({ state: "detached" });
    await page.reload();
    await textOf(page).waitFor();
    expect(asked).toEqual(["beforeunload"]);
    expect(await shownText(page)).not.toContain("typed");
  });

  test("Tab leaves the text, so that nobody without a mouse is trapped in it", async () => {
    const { page } = world.mine;
    await textOf(page).focus();
    await page.keyboard.press("Tab");
    expect(await textOf(page).evaluate((text) => text.contains(text.ownerDocument.activeElement))).toBe(false);
  });

  test.each([
    ["as Windows writes them", "a\r\nb\r\n"],
    ["of both kinds", "a\r\nb\n"],
  ])("line breaks %s are saved as they were", async (_kind, content) => {
    const { page } = world.mine;
    const folderId = await world.createFolder(`breaks-${content.length}`);
    await world.write(folderId, content, "notes.txt");
    await world.edit(page, folderId, "notes.txt");
    await textOf(page).focus();
    await page.keyboard.press("Control+End");
    await page.keyboard.type("c");
    await page.keyboard.press("Control+s");
    await expect.poll(() => world.contentOf(folderId, "notes.txt")).toBe(`${content}c`);
  });

  test("what was typed is kept where its folder was deleted meanwhile, and saving says why it cannot", async () => {
    const { page } = world.mine;
    const folderId = await world.createFolder("trashed");
    await world.edit(page, folderId, "notes.txt");
    await typeAll(page, "typed\n");
    await world.api.wish("deleteFolder", { id: folderId }, "id");
    await page.keyboard.press("Control+s");
    await page.getByRole("alert").filter({ hasText: "There is no such folder" }).waitFor();
    expect(await shownText(page)).toContain("typed");
    await world.api.wish("restoreFolder", { id: folderId }, "folder { id }");
    await page.keyboard.press("Control+s");
    await page.getByText("notes.txt was saved in trashed.").waitFor();
  });

  test("a file that is no text is not opened, and can be downloaded", async () => {
    const { page } = world.mine;
    const folderId = await world.createFolder("binary");
    const bytes = Buffer.from([0, 255, 1, 254]);
    const put = await fetch(`${world.serai.url}files/${folderId}/weights.bin`, {
      method: "PUT",
      headers: { authorization: `Bearer ${world.serai.adminToken}` },
      body: bytes,
    });
    expect(put.ok).toBe(true);
    await page.goto(`${world.serai.url}folders/${folderId}/edit/weights.bin`);
    await page.getByText("This file cannot be edited here").waitFor();
    const downloading = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download" }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toBe("weights.bin");
  });

  test("ran no script that failed, and needed nothing that the server's policy forbids", () => {
    expect([...world.mine.problems, ...world.other.problems]).toEqual([]);
  });
});

const middleOf = (box: { readonly y: number; readonly height: number } | null): number => (box === null ? Number.NaN : box.y + box.height / 2);
