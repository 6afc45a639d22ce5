/**
 * Writing a model definition in a real Chromium against a really running Serai, and what the service page makes of it. Two windows are
 * two people: each has a browser storage of its own.
 */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFailed, test } from "vitest";
import { guideExample } from "../control/definitions.ts";
import { findChromium, openBrowser, type Browser, type BrowserWindow } from "../support/browser.ts";
import { graphqlOf, type Fields, type GraphQL } from "../support/graphql.ts";
import { missing } from "../support/needs.ts";
import { startSerai, type Serai } from "../support/serai.ts";
import { createStoryService } from "./service-of.ts";

const soonMs = 45_000;
const skipped = missing(findChromium() === null, "chromium", "the console's editor in a real browser", "apt-get install chromium");

describe.skipIf(skipped)("the console's editor", { timeout: 120_000 }, () => {
  let serai: Serai;
  let api: GraphQL;
  let browser: Browser;
  let mine: BrowserWindow;
  let other: BrowserWindow;

  beforeAll(async () => {
    serai = await startSerai({ env: { SERAI_EXAMPLES: "0" } });
    api = graphqlOf(serai);
    browser = await openBrowser();
    mine = await browser.openWindow();
    other = await browser.openWindow({ scheme: "dark" });
    for (const { page } of [mine, other]) {
      page.setDefaultTimeout(soonMs);
      await page.goto(serai.signInUrl);
      await page.getByRole("heading", { name: "Services" }).waitFor();
    }
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await api?.[Symbol.asyncDispose]();
    await serai?.[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    onTestFailed(async () => {
      for (const [name, window] of Object.entries({ mine, other })) await browser.shoot(window.page, `failed-editor-${name}`);
      console.log(`Screenshots: ${browser.keepScreenshots()}\n${serai.output().slice(-2000)}`);
    });
  });

  const createFolder = async (name: string, usage = "MODEL"): Promise<string> => {
    const { folder } = await api.wish("createFolder", { name, usage }, "folder { id }");
    return (folder as Fields)["id"] as string;
  };
  const write = (folderId: string, content: string, path = "model-definition.yml") =>
    api.wish("writeFile", { folderId, path, content }, "file { path }");
  const contentOf = async (folderId: string, path = "model-definition.yml"): Promise<unknown> => {
    const { folder } = await api.ask("query ($id: ID!, $path: String!) { folder(id: $id) { textFile(path: $path) { content } } }", {
      id: folderId,
      path,
    });
    return ((folder as Fields)["textFile"] as Fields | null)?.["content"] ?? null;
  };
  const edit = async (page: Page, folderId: string, path = "model-definition.yml") => {
    await page.goto(`${serai.url}folders/${folderId}/edit/${path}`);
    await textOf(page).waitFor();
  };

  test("an error stands at its line and is listed with the way to it; it goes away when it is corrected", async () => {
    const { page } = mine;
    const folderId = await createFolder("errors");
    await edit(page, folderId);
    await typeAll(page, guideExample.replace("port: 8000", "port: none"));
    const marker = page.locator(".cm-lint-marker-error");
    await marker.waitFor();
    const number = page.locator(".cm-lineNumbers .cm-gutterElement", { hasText: /^6$/ });
    const [atMarker, atNumber] = await Promise.all([marker.boundingBox(), number.boundingBox()]);
    expect(Math.abs(middleOf(atMarker) - middleOf(atNumber))).toBeLessThan(6);
    await page.getByText("1 problem", { exact: true }).waitFor();
    await browser.shoot(page, "editor-problem");

    // The list leads to the place, and there the word can be typed over.
    await page.getByRole("button", { name: /^Line 6, column 13/ }).click();
    await page.locator(".cm-activeLineGutter", { hasText: /^6$/ }).waitFor();
    for (const _letter of "none") await page.keyboard.press("Delete");
    await page.keyboard.type("8000");
    await page.getByText("The definition can be used.").waitFor();
    await marker.waitFor({ state: "detached" });
  });

  test("completion by keyboard alone inserts a start action that is valid, and Ctrl+S saves it", async () => {
    const { page } = mine;
    const folderId = await createFolder("completed");
    await edit(page, folderId);
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
    await browser.shoot(page, "editor-completion");
    await page.keyboard.type("mk");
    await accept(page, "action: mkdir");
    await page.getByText("The definition can be used.").waitFor();
    await page.getByRole("complementary", { name: "What it means" }).getByText("mkdir", { exact: true }).waitFor();
    await page.keyboard.press("Control+s");
    await page.getByText("model-definition.yml was saved in completed.").waitFor();
    expect(await contentOf(folderId)).toContain("      pre_start_actions:\n        - action: mkdir\n          args:\n            path: ");
    await page.getByText("Saved", { exact: true }).waitFor();
  });

  test("hovering over a key says what it means and what its default is", async () => {
    const { page } = mine;
    await page.locator(".cm-line", { hasText: "max_retries" }).getByText("max_retries").hover();
    await page.locator(".cm-about", { hasText: "How many checks in a row may fail" }).waitFor();
  });

  test("two people do not overwrite each other: the second keeps the text, sees the difference, and decides", async () => {
    const folderId = await createFolder("shared");
    await write(folderId, "one\ntwo\n", "notes.txt");
    for (const { page } of [mine, other]) await edit(page, folderId, "notes.txt");
    await typeAll(mine.page, "one\nmine\n");
    await typeAll(other.page, "one\ntheirs\n");
    await mine.page.getByRole("button", { name: "Save" }).click();
    await mine.page.getByText("notes.txt was saved in shared.").waitFor();
    await other.page.keyboard.press("Control+s");
    const conflict = other.page.getByRole("alert").filter({ hasText: "Somebody else has saved this file" });
    await conflict.waitFor();
    expect(await contentOf(folderId, "notes.txt")).toBe("one\nmine\n");
    await conflict.getByRole("button", { name: "Show the difference" }).click();
    await conflict.locator("[data-kind=gone]", { hasText: "mine" }).waitFor();
    await conflict.locator("[data-kind=come]", { hasText: "theirs" }).waitFor();
    await browser.shoot(other.page, "editor-conflict-dark");
    expect(await shownText(other.page)).toContain("theirs");
    await conflict.getByRole("button", { name: "Overwrite theirs" }).click();
    await conflict.waitFor({ state: "detached" });
    await expect.poll(() => contentOf(folderId, "notes.txt")).toBe("one\ntheirs\n");

    // Now the first is the slower one, and goes on from the other's text.
    await typeAll(mine.page, "one\nmine again\n");
    await mine.page.keyboard.press("Control+s");
    await mine.page.getByRole("button", { name: "Load theirs" }).click();
    await expect.poll(() => shownText(mine.page)).toContain("theirs");
    expect(await contentOf(folderId, "notes.txt")).toBe("one\ntheirs\n");
  });

  test("two people who make the same new file do not overwrite each other either", async () => {
    const folderId = await createFolder("new");
    for (const { page } of [mine, other]) await edit(page, folderId, "new.txt");
    await typeAll(mine.page, "mine\n");
    await typeAll(other.page, "theirs\n");
    await mine.page.keyboard.press("Control+s");
    await mine.page.getByText("new.txt was saved in new.").waitFor();
    await other.page.keyboard.press("Control+s");
    await other.page.getByText("Somebody else has saved this file").waitFor();
    expect(await contentOf(folderId, "new.txt")).toBe("mine\n");
  });

  test("what was typed and not saved survives a reload, which asks first; the way back to the saved text is there", async () => {
    const { page } = await browser.openWindow();
    page.setDefaultTimeout(soonMs);
    await page.goto(serai.signInUrl);
    await page.getByRole("heading", { name: "Services" }).waitFor();
    const asked: string[] = [];
    page.on("dialog", (dialog) => {
      asked.push(dialog.type());
      void dialog.accept();
    });
    const folderId = await createFolder("drafted");
    await write(folderId, "saved\n", "notes.md");
    await edit(page, folderId, "notes.md");
    await typeAll(page, "typed and not saved\n");
    await page.getByText("Not saved yet").waitFor();
    await page.reload();
    await textOf(page).waitFor();
    expect(asked).toEqual(["beforeunload"]);
    expect(await shownText(page)).toContain("typed and not saved");
    expect(await contentOf(folderId, "notes.md")).toBe("saved\n");
    await page.getByRole("button", { name: "Go back to what is saved" }).click();
    await expect.poll(() => shownText(page)).toContain("saved");
    await page.getByText("Not saved yet").waitFor({ state: "detached" });
    await page.reload();
    await textOf(page).waitFor();
    expect(asked).toEqual(["beforeunload"]);
    expect(await shownText(page)).not.toContain("typed");
  });

  test("Tab leaves the text, so that nobody without a mouse is trapped in it", async () => {
    const { page } = mine;
    await textOf(page).focus();
    await page.keyboard.press("Tab");
    expect(await textOf(page).evaluate((text) => text.contains(text.ownerDocument.activeElement))).toBe(false);
  });

  test("a file that is no text is not opened, and can be downloaded", async () => {
    const { page } = mine;
    const folderId = await createFolder("binary");
    const bytes = Buffer.from([0, 255, 1, 254]);
    const put = await fetch(`${serai.url}files/${folderId}/weights.bin`, {
      method: "PUT",
      headers: { authorization: `Bearer ${serai.adminToken}` },
      body: bytes,
    });
    expect(put.ok).toBe(true);
    await page.goto(`${serai.url}folders/${folderId}/edit/weights.bin`);
    await page.getByText("This file cannot be edited here").waitFor();
    const downloading = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download" }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toBe("weights.bin");
  });

  test("after a changed definition was saved, the service page says so, and rolling it out brings the new revision", async () => {
    const service = await createStoryService(() => api, "rolled", guideExample, { openToPublic: true });
    await service.becomes("HEALTHY");
    await other.page.goto(`${serai.url}services/${service.id}`);
    await other.page.locator("[data-size=large][data-status=HEALTHY]").waitFor();
    await edit(mine.page, service.folderId);
    await mine.page.getByText("One service runs this definition").waitFor();
    await typeAll(mine.page, guideExample.replace("max_retries: 5", "max_retries: 7"));
    await mine.page.keyboard.press("Control+s");
    await mine.page.getByText("Saved. One service runs an older definition").waitFor();
    await browser.shoot(mine.page, "editor-saved");

    const banner = other.page.getByRole("status").filter({ hasText: "has changed since revision 1" });
    await banner.waitFor();
    await browser.shoot(other.page, "service-definition-changed-dark");
    await banner.getByRole("button", { name: "Roll it out" }).click();
    await banner.waitFor({ state: "detached" });
    await expect.poll(() => service.read("status revision { number }"), { timeout: soonMs }).toEqual({ status: "HEALTHY", revision: { number: 2 } });
    await mine.page.getByText("One service runs this definition").waitFor();
  });

  test("a service is started from the folder with a mount and variables, which its page shows without the secret ones", async () => {
    const { page } = mine;
    const folderId = await createFolder("given");
    await createFolder("data", "GENERAL");
    await write(folderId, guideExample);
    await edit(page, folderId);
    await page.getByRole("link", { name: "Start service from this folder" }).click();
    await page.getByLabel("Service name").fill("given");
    await expect.poll(() => page.getByRole("combobox", { name: "Model folder" }).inputValue()).toBe("given");
    await page.getByRole("button", { name: "Mounts and variables" }).click();
    await page.getByRole("button", { name: "Add a mount" }).click();
    await page.getByRole("combobox", { name: "Folder of mount 1" }).click();
    await page.getByRole("option", { name: "data" }).click();
    await page.getByLabel("Path of mount 1").fill("/etc/data");
    await page.getByRole("button", { name: "Add a variable" }).click();
    await page.evaluate("navigator.clipboard.writeText('# settings\\nLEVEL=\"high er\"\\nexport API_TOKEN=hidden-word # not for all\\n')");
    await page.getByLabel("Name of variable 1").focus();
    await page.keyboard.press("Control+v");
    expect(await page.getByLabel("Value of variable 1").inputValue()).toBe("high er");
    expect(await page.getByLabel("Name of variable 2").inputValue()).toBe("API_TOKEN");
    await browser.shoot(page, "start-session");
    await page.getByRole("button", { name: "Start", exact: true }).click();
    // The server's word on the path stands at the path.
    await page.getByText(/must not be in \/etc/i).waitFor();
    await page.getByLabel("Path of mount 1").fill("/data");
    await page.getByRole("button", { name: "Start", exact: true }).click();
    await page.locator("[data-size=large][data-status=HEALTHY]").waitFor();
    const facts = page.getByRole("region", { name: "Facts" });
    await facts.getByText("/data", { exact: true }).waitFor();
    await facts.getByText("high er").waitFor();
    await facts.getByText("API_TOKEN").waitFor();
    expect(await page.content()).not.toContain("hidden-word");
    await browser.shoot(page, "service-mounts");
  });

  test("what is wrong with a folder's definition is said before a service is started on it, with the way to its line", async () => {
    const { page } = mine;
    const folderId = await createFolder("early");
    await write(folderId, guideExample.replace("port: 8000", "port: none"));
    await page.goto(`${serai.url}services?start=${folderId}`);
    await page
      .getByRole("dialog")
      .getByRole("link", { name: /^Line 6, column 13/ })
      .click();
    await textOf(page).waitFor();
    await page.locator(".cm-activeLineGutter", { hasText: /^6$/ }).waitFor();
  });

  test("a start action that fails is named on the page with its index, its exit code and its output", async () => {
    const { page } = mine;
    const actions = `      pre_start_actions:
        - action: log
          args: {message: about to look}
        - action: run_command
          args: {command: [sh, -c, "echo looked everywhere; echo the model is missing >&2; exit 3"]}
`;
    const service = await createStoryService(() => api, "failing", guideExample.replace(/( +start_command)/, `${actions}$1`));
    await page.goto(`${serai.url}services/${service.id}`);
    await page.locator("[data-size=large][data-status=UNHEALTHY]").waitFor();
    const failed = page.getByRole("region", { name: "The start action that failed" });
    await failed.getByText("pre_start_actions[1] (run_command)").waitFor();
    await failed.getByText(/exit code 3/).waitFor();
    await failed.getByText("the model is missing").waitFor();
    await failed.getByText("looked everywhere").waitFor();
    await browser.shoot(page, "service-action-failed");
    await page
      .getByRole("region", { name: "Events" })
      .getByText(/pre_start_actions\[0\]/)
      .first()
      .waitFor();
  });

  test("fits a phone: neither the editor nor a failed service is wider than 390 px", async () => {
    const { page } = await browser.openWindow({ width: 390, height: 844 });
    page.setDefaultTimeout(soonMs);
    await page.goto(serai.signInUrl);
    await page.getByRole("link", { name: "failing", exact: true }).click();
    await page.getByRole("region", { name: "The start action that failed" }).waitFor();
    await browser.shoot(page, "service-action-failed-phone");
    expect(await overflowOf(page)).toBe(0);
    await page.getByRole("button", { name: "Write definition" }).click();
    await textOf(page).waitFor();
    await page.getByText("The definition can be used.").waitFor();
    await browser.shoot(page, "editor-phone");
    expect(await overflowOf(page)).toBe(0);
  });

  test("ran no script that failed, and needed nothing that the server's policy forbids", () => {
    expect([...mine.problems, ...other.problems]).toEqual([]);
  });
});

const textOf = (page: Page) => page.getByRole("textbox", { name: /^Text of / });
const shownText = (page: Page): Promise<string> => textOf(page).innerText();
const option = (page: Page, name: string, having = "") =>
  page.locator(`.cm-tooltip-autocomplete [role=option]${having}`).filter({ hasText: name }).first();
const overflowOf = (page: Page): Promise<number> => page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
const middleOf = (box: { readonly y: number; readonly height: number } | null): number => (box === null ? Number.NaN : box.y + box.height / 2);

/** At a person's pace: an Enter that comes within 75 ms of the list is not meant for it. */
async function accept(page: Page, name: string): Promise<void> {
  await option(page, name, "[aria-selected=true]").waitFor();
  await page.keyboard.press("Shift", { delay: 100 });
  await page.keyboard.press("Enter");
}

/** In place of what is there, at once as from the clipboard. */
async function typeAll(page: Page, text: string): Promise<void> {
  await textOf(page).focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(text);
}
