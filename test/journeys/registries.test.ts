/** Image registries in a real Chromium against a really running Serai: an administrator gives, changes and takes away credentials. */
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from "vitest";
import { findChromium, openBrowser, type Browser, type BrowserWindow } from "../support/browser.ts";
import { overflowOf } from "../support/file-list.ts";
import { missing } from "../support/needs.ts";
import { startSerai } from "../support/serai.ts";

const skipped = missing(findChromium() === null, "chromium", "image registries in a real browser", "apt-get install chromium");
const password = "never shown again";

describe.skipIf(skipped)("image registries", () => {
  let serai: Awaited<ReturnType<typeof startSerai>>;
  let browser: Browser;
  let mine: BrowserWindow;

  beforeAll(async () => {
    serai = await startSerai({ env: { SERAI_EXAMPLES: "0" } });
    browser = await openBrowser();
    mine = await browser.openWindow();
    mine.page.setDefaultTimeout(45_000);
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await serai?.[Symbol.asyncDispose]();
  });

  test("are added, changed and deleted in the settings, and no password comes back", async () => {
    onTestFailed(() => browser.showFailure("registries", mine));
    const { page } = mine;
    const answers: Promise<string>[] = [];
    page.on("response", (response) => void (response.url().endsWith("/graphql") && answers.push(response.text().catch(() => ""))));
    await page.goto(serai.signInUrl);
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByText("There are none yet.").waitFor();
    await browser.shoot(page, "registries-empty");

    const dialog = page.getByRole("dialog");
    const add = async (host: string): Promise<void> => {
      await page.getByRole("button", { name: "Add registry" }).click();
      await dialog.getByLabel("Host").fill(host);
      await dialog.getByLabel("User name").fill("puller");
      await dialog.getByLabel("Password", { exact: true }).fill(password);
      await dialog.getByRole("button", { name: "Add registry" }).click();
    };
    await add("https://registry.example.com");
    await dialog.getByText("Must be as image names begin: registry.example.com").waitFor();
    await browser.shoot(page, "registries-refused");
    await dialog.getByLabel("Host").fill("registry.example.com");
    await dialog.getByRole("button", { name: "Add registry" }).click();
    const row = page.getByRole("row", { name: /registry\.example\.com puller/ });
    await row.waitFor();

    await add("registry.example.com");
    await dialog.getByText("There are credentials for registry.example.com already: change them instead.").waitFor();
    await dialog.getByRole("button", { name: "Cancel" }).click();

    await page.getByRole("button", { name: "Change the credentials of registry.example.com" }).click();
    await browser.shoot(page, "registries-change");
    await dialog.getByLabel("User name").fill("another");
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.getByRole("row", { name: /registry\.example\.com another/ }).waitFor();

    for (const [name, window] of Object.entries({
      dark: await browser.openWindow({ scheme: "dark" }),
      phone: await browser.openWindow({ width: 390, height: 844 }),
    })) {
      await window.page.goto(serai.signInUrl);
      await window.page.getByRole("link", { name: "Settings" }).click();
      await window.page.getByRole("row", { name: /registry\.example\.com another/ }).waitFor();
      expect(await overflowOf(window.page)).toBe(0);
      await browser.shoot(window.page, `registries-${name}`);
      expect(window.problems).toEqual([]);
    }

    await page.getByRole("button", { name: "Delete registry.example.com" }).click();
    await dialog.getByText("The password cannot be had back.").waitFor();
    await browser.shoot(page, "registries-delete");
    await dialog.getByRole("button", { name: "Delete" }).click();
    await page.getByText("There are none yet.").waitFor();
    expect((await Promise.all(answers)).join()).toContain("registry.example.com");
    expect((await Promise.all(answers)).join()).not.toContain(password);
    expect(mine.problems).toEqual([]);
  });
});
