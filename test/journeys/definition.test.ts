/** What the console makes of a definition once it is written: a service from it, its next revision, and why it does not start. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { guideExample } from "../control/definitions.ts";
import { findChromium, isFocused } from "../support/browser.ts";
import { missing } from "../support/needs.ts";
import { openEditing, overflowOf, soonMs, textOf, typeAll, type Editing } from "./editing.ts";
import { createStoryService } from "./service-of.ts";

const skipped = missing(findChromium() === null, "chromium", "definitions in the console in a real browser", "apt-get install chromium");

describe.skipIf(skipped)("a definition in the console", { timeout: 120_000 }, () => {
  let world: Editing;
  beforeAll(async () => {
    world = await openEditing();
  });
  afterAll(() => world?.[Symbol.asyncDispose]());
  beforeEach(() => world.watch());

  test("after a changed definition was saved, the service page says so, and rolling it out brings the new revision", async () => {
    const service = await createStoryService(() => world.api, "rolled", guideExample, { openToPublic: true });
    await service.becomes("HEALTHY");
    await world.other.page.goto(`${world.serai.url}services/${service.id}`);
    await world.other.page.locator("[data-size=large][data-status=HEALTHY]").waitFor();
    await world.edit(world.mine.page, service.folderId);
    await world.mine.page.getByText("One service runs this definition").waitFor();
    await typeAll(world.mine.page, guideExample.replace("max_retries: 5", "max_retries: 7"));
    await world.mine.page.keyboard.press("Control+s");
    await world.mine.page.getByText("Saved. One service runs an older definition").waitFor();
    await world.browser.shoot(world.mine.page, "editor-saved");

    const banner = world.other.page.getByRole("status").filter({ hasText: "has changed since revision 1" });
    await banner.waitFor();
    await world.browser.shoot(world.other.page, "service-definition-changed-dark");
    await banner.getByRole("button", { name: "Roll it out" }).click();
    await banner.waitFor({ state: "detached" });
    await expect.poll(() => service.read("status revision { number }"), { timeout: soonMs }).toEqual({ status: "HEALTHY", revision: { number: 2 } });
    await world.mine.page.getByText("One service runs this definition").waitFor();
  });

  test("a service is started from the folder with a mount and variables, which its page shows without the secret ones", async () => {
    const { page } = world.mine;
    const folderId = await world.createFolder("given");
    await world.createFolder("data", "GENERAL");
    await world.write(folderId, guideExample);
    await world.edit(page, folderId);
    await page.getByRole("link", { name: "Start service from this folder" }).click();
    await page.getByLabel("Service name").fill("given");
    await expect.poll(() => page.getByRole("combobox", { name: "Model folder" }).inputValue()).toBe("given");
    await page.getByRole("button", { name: "Mounts and variables" }).click();
    await page.getByRole("button", { name: "Add a mount" }).click();
    await page.getByRole("combobox", { name: "Folder of mount 1" }).click();
    await page.getByRole("option", { name: "data" }).click();
    await page.getByRole("dialog").getByText("nothing keeps sessions from writing there").waitFor();
    await page.getByLabel("Path of mount 1").fill("/etc/data");
    await page.getByRole("button", { name: "Add a variable" }).click();
    await page.evaluate("navigator.clipboard.writeText('# settings\\nLEVEL=\"high er\"\\nexport API_TOKEN=hidden-word # not for all\\n')");
    await page.getByLabel("Name of variable 1").focus();
    await page.keyboard.press("Control+v");
    expect(await page.getByLabel("Value of variable 1").inputValue()).toBe("high er");
    expect(await page.getByLabel("Name of variable 2").inputValue()).toBe("API_TOKEN");
    await world.browser.shoot(page, "start-session");
    await page.getByRole("button", { name: "Start", exact: true }).click();
    // The server's word on the path stands at the path.
    await page.getByText(/must not be in \/etc/i).waitFor();
    await expect.poll(() => isFocused(page.getByLabel("Path of mount 1"))).toBe(true);
    await page.getByLabel("Path of mount 1").fill("/data");
    await page.getByRole("button", { name: "Start", exact: true }).click();
    await page.locator("[data-size=large][data-status=HEALTHY]").waitFor();
    const facts = page.getByRole("region", { name: "Facts" });
    await facts.getByText("/data", { exact: true }).waitFor();
    await facts.getByText("nothing keeps sessions from writing there").waitFor();
    await facts.getByText("high er").waitFor();
    await facts.getByText("API_TOKEN").waitFor();
    expect(await page.content()).not.toContain("hidden-word");
    await world.browser.shoot(page, "service-mounts");
  });

  test("the name that is suggested for a service follows the folder until another is typed", async () => {
    const { page } = world.mine;
    const first = await world.createFolder("First_Model");
    await world.createFolder("second");
    await page.goto(`${world.serai.url}services?start=${first}`);
    const name = page.getByLabel("Service name");
    await expect.poll(() => name.inputValue()).toBe("first-model");
    const choose = async (folder: string) => {
      await page.getByRole("combobox", { name: "Model folder" }).click();
      await page.getByRole("option", { name: folder, exact: true }).click();
    };
    await choose("second");
    await expect.poll(() => name.inputValue()).toBe("second");
    await name.fill("mine");
    await choose("First_Model");
    expect(await name.inputValue()).toBe("mine");
    await page.getByRole("button", { name: "Clear what I typed" }).click();
  });

  test("what is wrong with a folder's definition is said before a service is started on it, with the way to its line", async () => {
    const { page } = world.mine;
    const folderId = await world.createFolder("early");
    await world.write(folderId, guideExample.replace("port: 8000", "port: none"));
    await page.goto(`${world.serai.url}services?start=${folderId}`);
    await page
      .getByRole("dialog")
      .getByRole("link", { name: /^Line 6, column 13/ })
      .click();
    await textOf(page).waitFor();
    await page.locator(".cm-activeLineGutter", { hasText: /^6$/ }).waitFor();
  });

  test("a start action that fails is named on the page with its index, its exit code and its output", async () => {
    const { page } = world.mine;
    const actions = `      pre_start_actions:
        - action: log
          args: {message: about to look}
        - action: run_command
          args: {command: [sh, -c, "echo looked everywhere; echo the model is missing >&2; exit 3"]}
`;
    const service = await createStoryService(() => world.api, "failing", guideExample.replace(/( +start_command)/, `${actions}$1`));
    await page.goto(`${world.serai.url}services/${service.id}`);
    await page.locator("[data-size=large][data-status=UNHEALTHY]").waitFor();
    const failed = page.getByRole("region", { name: "The start action that failed" });
    await failed.getByText("pre_start_actions[1] (run_command)").waitFor();
    await failed.getByText(/exit code 3/).waitFor();
    await failed.getByText("the model is missing").waitFor();
    await failed.getByText("looked everywhere").waitFor();
    await world.browser.shoot(page, "service-action-failed");
    await page
      .getByRole("region", { name: "Events" })
      .getByText(/pre_start_actions\[0\]/)
      .first()
      .waitFor();
  });

  test("fits a phone: neither the editor nor a failed service is wider than 390 px", async () => {
    const { page } = await world.browser.openWindow({ width: 390, height: 844 });
    await world.enter(page);
    await page.getByRole("link", { name: "failing", exact: true }).click();
    await page.getByRole("region", { name: "The start action that failed" }).waitFor();
    await world.browser.shoot(page, "service-action-failed-phone");
    expect(await overflowOf(page)).toBe(0);
    await page.getByRole("button", { name: "Write definition" }).click();
    await textOf(page).waitFor();
    await page.getByText("The definition can be used.").waitFor();
    await world.browser.shoot(page, "editor-phone");
    expect(await overflowOf(page)).toBe(0);
  });

  test("ran no script that failed, and needed nothing that the server's policy forbids", () => {
    expect([...world.mine.problems, ...world.other.problems]).toEqual([]);
  });
});
