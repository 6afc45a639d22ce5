/** Rollouts in the console: how far one is, the ways to end it, what failed, and the way back, all of it live in a window that is never loaded again. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { exitsWithOne, guideExample } from "../control/definitions.ts";
import { findChromium } from "../support/browser.ts";
import type { Fields } from "../support/graphql.ts";
import { missing } from "../support/needs.ts";
import { openEditing, overflowOf, type Editing } from "./editing.ts";
import { createStoryService, patience, type StoryService } from "./service-of.ts";

const skipped = missing(findChromium() === null, "chromium", "rollouts in a real browser", "apt-get install chromium");

const healthy = "[data-size=large][data-status=HEALTHY]";

describe.skipIf(skipped)("a rollout in the console", { timeout: 120_000 }, () => {
  let world: Editing;
  let page: Page;
  let service: StoryService;
  beforeAll(async () => {
    world = await openEditing();
    page = world.mine.page;
    service = await createStoryService(() => world.api, "chat", guideExample, { openToPublic: true, desiredRouteCount: 2 });
    await page.goto(`${world.serai.url}services/${service.id}`);
    await page.locator(healthy).waitFor();
  });
  afterAll(() => world?.[Symbol.asyncDispose]());
  beforeEach(() => world.watch());

  const modify = (change: Fields) => world.api.wish("modifyService", { id: service.id, ...change }, "service { id }");
  const routeIds = async () => ((await service.read("routes { id }"))["routes"] as { id: string }[]).map(({ id }) => id);
  const revisions = () => page.getByRole("list", { name: "Revisions" }).getByRole("listitem");
  const dialog = () => page.getByRole("dialog");
  const rollout = () => page.getByRole("region", { name: /revision \d/ });

  test("a revision that does not come up is taken back by itself, and the page goes on saying why", async () => {
    await world.write(service.folderId, exitsWithOne);
    await page.getByRole("button", { name: "Roll it out" }).click();
    await page.getByRole("heading", { name: "Rollout: revision 1 → revision 2" }).waitFor();
    await rollout().getByText("0 of 2 routes healthy on revision 2").waitFor();
    const headline = page.getByTestId("status-reason");
    await headline.getByText("Revision 2 failed and was taken back: The start command exited with code 1: the model is missing.").waitFor();
    const end = page.getByRole("status").filter({ hasText: "Taken back" });
    await end.getByText("Revision 1 serves again.").waitFor();
    // Once is enough.
    expect(await end.getByText("the model is missing").count()).toBe(0);
    await page.locator(healthy).waitFor();
    await revisions().filter({ hasText: "Serves" }).getByRole("button", { name: "Revision 1", exact: true }).waitFor();
  });

  test("every error that nobody has cleared is in one dialog, with its exit code and its last lines, until it is cleared there", async () => {
    await page.getByRole("button", { name: "3 errors", exact: true }).click();
    const errors = dialog().getByRole("list", { name: "Errors" }).getByRole("listitem");
    await expect.poll(() => errors.count(), patience).toBe(3);
    for (const error of await errors.all()) {
      await error.getByText("exit code 1", { exact: true }).waitFor();
      await error.getByText("the model is missing", { exact: true }).waitFor();
    }
    await errors.first().getByRole("button", { name: "Copy last lines" }).click();
    await expect.poll(() => page.evaluate("navigator.clipboard.readText()"), patience).toContain("the model is missing");
    await world.browser.shoot(page, "errors");

    const phone = await world.browser.openWindow({ width: 390, height: 844 });
    await world.enter(phone.page);
    await phone.page.goto(`${world.serai.url}services/${service.id}`);
    await phone.page.getByRole("button", { name: "3 errors", exact: true }).click();
    await phone.page.getByRole("list", { name: "Errors" }).waitFor();
    expect(await overflowOf(phone.page)).toBe(0);
    await world.browser.shoot(phone.page, "errors-phone");

    await world.write(service.folderId, guideExample);
    await dialog().getByRole("button", { name: "Clear errors and retry" }).click();
    await dialog().waitFor({ state: "detached" });
    await page.getByRole("button", { name: /\d errors?/ }).waitFor({ state: "detached" });
    // The other window has nothing left to show either.
    await phone.page.getByText("There is no error that is not cleared.").waitFor();
  });

  test("blue-green: the new revision waits beside the old one, and goes over when it is promoted with the keyboard", async () => {
    await modify({ resources: { cpu: 0.2 }, rollout: { maxSurge: "100%", promote: "MANUAL" } });
    await rollout().getByText("Waits to be promoted").waitFor();
    await rollout().getByText("2 of 2 routes healthy").waitFor();
    await rollout().getByText("no requests go to revision").waitFor();
    await world.browser.shoot(page, "blue-green");
    await rollout().getByRole("button", { name: "Promote" }).focus();
    await page.keyboard.press("Enter");
    await page
      .getByText(/^Every route went over to revision \d\.$/)
      .first()
      .waitFor();
    const { revision } = (await service.read("revision { number resources { cpu } }")) as { revision: Fields };
    expect(revision["resources"]).toEqual({ cpu: 0.2 });
    await page.getByText("2 live, 2 desired").waitFor();
    const number = revision["number"];
    expect(await service.read("routes { revision { number } }")).toEqual({ routes: [{ revision: { number } }, { revision: { number } }] });
  });

  test("a canary shows its step, its share and when that ends, and is reverted with one click", async () => {
    await modify({ resources: { cpu: 0.3 }, rollout: { maxSurge: 1, promote: "AUTO", steps: [{ weight: 10, holdSeconds: 600 }] } });
    await rollout().getByText("Step 1 of 1: 10% of the requests go to revision").waitFor();
    await expect.poll(() => rollout().getByRole("timer").innerText(), patience).toMatch(/^(9:\d\d|10:00)$/);
    await rollout().getByText("1 of 2 routes healthy").waitFor();
    await world.browser.shoot(page, "canary");
    await rollout().getByRole("button", { name: "Revert" }).click();
    await page
      .getByRole("status")
      .filter({ hasText: /was taken back, and revision \d serves again\. Reverted by admin\./ })
      .waitFor();
    expect(await service.read("revision { resources { cpu } }")).toEqual({ revision: { resources: { cpu: 0.2 } } });
  });

  test("any two revisions are compared field by field; rolling back says what it does not bring back, and does the rest", async () => {
    const newest = revisions().first();
    await newest.getByText("CPU 0.2 → 0.3").waitFor();
    await newest.getByRole("button", { name: /^Revision \d$/ }).click();
    await newest.getByRole("combobox", { name: "Compared with" }).click();
    await page.getByRole("option", { name: "Revision 1", exact: true }).click();
    await newest.getByRole("list", { name: "Differences" }).getByText("0.1 → 0.3").waitFor();
    await world.browser.shoot(page, "revisions");
    await modify({ rollout: { steps: [] } });
    await page.getByRole("button", { name: "Roll back to revision 1", exact: true }).click();
    await dialog().getByText("files in folders are not restored").waitFor();
    await dialog().getByText("0.2 → 0.1").waitFor();
    await dialog().getByRole("button", { name: "Roll back", exact: true }).click();
    await dialog().waitFor({ state: "detached" });
    await page.getByText("Every route went over to revision 1.").first().waitFor();
    const first = revisions().filter({ has: page.getByRole("button", { name: "Revision 1", exact: true }) });
    await first.getByText("Current").waitFor();
    await first.getByText("Serves").waitFor();
    expect(await service.read("status revision { number }")).toEqual({ status: "HEALTHY", revision: { number: 1 } });
  });

  test("a restart replaces every route, after saying how, and each route tells how its launch went", async () => {
    const before = await routeIds();
    await page.getByRole("button", { name: "Restart" }).click();
    await dialog().getByText("one after another").waitFor();
    await dialog().getByRole("button", { name: "Restart" }).click();
    await page.getByText("Every route was restarted.").first().waitFor();
    await page.getByText("2 live, 2 desired").waitFor();
    const after = await routeIds();
    expect(after).toHaveLength(2);
    expect(after.filter((id) => before.includes(id))).toEqual([]);
    await page
      .getByRole("button", { name: /^Launch of/ })
      .first()
      .click();
    await page.getByText(/^It started in /).waitFor();
    await page.getByRole("list", { name: "Launch" }).getByText("First health check").waitFor();
    await world.browser.shoot(page, "restarted");
  });

  test("ran no script that failed, and needed nothing that the server's policy forbids", () => {
    expect([...world.mine.problems, ...world.other.problems]).toEqual([]);
  });
});
