/** Modifying a service in the console: what it says before, what it sends, and what comes of it, without a reload. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { guideExample } from "../control/definitions.ts";
import { findChromium, isFocused } from "../support/browser.ts";
import { missing } from "../support/needs.ts";
import { openEditing, overflowOf, type Editing } from "./editing.ts";
import { createStoryService, patience, type StoryService } from "./service-of.ts";

const skipped = missing(findChromium() === null, "chromium", "modifying services in a real browser", "apt-get install chromium");
const secret = "hidden-word";
const healthy = "[data-size=large][data-status=HEALTHY]";

describe.skipIf(skipped)("modifying a service in the console", { timeout: 120_000 }, () => {
  let world: Editing;
  let service: StoryService;
  beforeAll(async () => {
    world = await openEditing();
    const variables = [
      { name: "LEVEL", value: "3" },
      { name: "API_TOKEN", value: secret, secret: true },
    ];
    service = await createStoryService(() => world.api, "chat", guideExample, { openToPublic: true, variables });
    await world.mine.page.goto(`${world.serai.url}services/${service.id}`);
    await world.mine.page.locator(healthy).waitFor();
  });
  afterAll(() => world?.[Symbol.asyncDispose]());
  beforeEach(() => world.watch());

  const open = async (page: Page) => {
    await page.goto(`${world.serai.url}services/${service.id}`);
    await page.getByRole("button", { name: "Modify", exact: true }).click();
    return page.getByRole("dialog");
  };
  const changes = (page: Page) => page.getByRole("complementary", { name: "What will change" });

  test("with the mouse: what will change and which way is said before, and the service becomes HEALTHY on revision 2", async () => {
    const { page } = world.mine;
    const dialog = await open(page);
    await changes(page).getByText("Nothing yet").waitFor();
    expect(await dialog.getByRole("button", { name: "Modify", exact: true }).isDisabled()).toBe(true);
    await dialog.getByLabel("Desired routing count").fill("2");
    await changes(page).getByText("It makes no new revision").waitFor();
    await dialog.getByRole("button", { name: "Resource group, environment and resources" }).click();
    await dialog.getByLabel("CPU").fill("0.2");
    await changes(page).getByText("0.1 → 0.2").waitFor();
    await changes(page).getByText("1 → 2").waitFor();
    await changes(page).getByText("It is rolled out beside what serves").waitFor();
    await changes(page).getByText("No pause is expected.").waitFor();
    await world.browser.shoot(page, "modify");
    await dialog.getByRole("button", { name: "Modify", exact: true }).click();
    await dialog.waitFor({ state: "detached" });
    await page.getByText("Every route went over to revision 2.").first().waitFor();
    await page.locator(healthy).waitFor();
    const facts = "status desiredRouteCount revision { number resources { cpu memoryGiB } } routeCounts { healthy }";
    await expect
      .poll(() => service.read(facts), patience)
      .toEqual({
        status: "HEALTHY",
        desiredRouteCount: 2,
        revision: { number: 2, resources: { cpu: 0.2, memoryGiB: 0.125 } },
        routeCounts: { healthy: 2 },
      });
  });

  test("with the keyboard, from the list of services: a count alone makes no revision", async () => {
    const { page } = world.other;
    await page.goto(`${world.serai.url}services`);
    await page.getByRole("button", { name: "Modify chat" }).focus();
    await page.keyboard.press("Enter");
    const count = page.getByRole("dialog").getByLabel("Desired routing count");
    await expect.poll(() => isFocused(page.getByRole("dialog").getByLabel("Service name")), patience).toBe(true);
    // Folder, its button, the switch, the count.
    for (let times = 0; times < 4; times++) await page.keyboard.press("Tab");
    await expect.poll(() => isFocused(count), patience).toBe(true);
    await page.keyboard.press("Control+a");
    await page.keyboard.type("1");
    expect(await count.inputValue()).toBe("1");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(new URL(page.url()).pathname).toBe(`/services/${service.id}`);
    await page.getByText("1 live, 1 desired").waitFor();
    expect(await service.read("revision { number } desiredRouteCount")).toEqual({ revision: { number: 2 }, desiredRouteCount: 1 });
  });

  test("the traffic policy: said before, no new revision, in the facts afterwards, and the server's word at an address that is none", async () => {
    const { page } = world.mine;
    const dialog = await open(page);
    await dialog.getByRole("button", { name: "Traffic", exact: true }).click();
    await dialog.getByText("By header", { exact: true }).click();
    await dialog.getByLabel("Header", { exact: true }).fill("X-Session-Id");
    await dialog.getByLabel("First byte").fill("120");
    await dialog.getByLabel("Allowed addresses").fill("127.0.0.0/8\nnowhere");
    await dialog.getByText("must be an address or a network").waitFor();
    await dialog.getByLabel("Allowed addresses").fill("127.0.0.0/8\n::1");
    await changes(page).getByText("It makes no new revision").waitFor();
    await world.browser.shoot(page, "modify-traffic");
    const said = "Kept together by X-Session-Id; first byte within 2 min; only from 127.0.0.0/8, ::1";
    await changes(page).getByText(said).waitFor();
    await dialog.getByRole("button", { name: "Modify", exact: true }).click();
    await dialog.waitFor({ state: "detached" });
    await page.getByText(said).waitFor();
    await world.browser.shoot(page, "traffic-facts");
    expect(await service.read("revision { number } trafficPolicy { affinity { by header } firstByteTimeoutSeconds allowedAddresses }")).toEqual({
      revision: { number: 2 },
      trafficPolicy: {
        affinity: { by: "HEADER", header: "X-Session-Id" },
        firstByteTimeoutSeconds: 120,
        allowedAddresses: ["127.0.0.0/8", "::1"],
      },
    });

    const phone = await world.browser.openWindow({ width: 390, height: 844, scheme: "dark" });
    await world.enter(phone.page);
    // What is not as usual is not folded away.
    await (await open(phone.page)).getByText("Pass the token on").scrollIntoViewIfNeeded();
    expect(await overflowOf(phone.page)).toBe(0);
    await world.browser.shoot(phone.page, "traffic-phone-dark");
    await phone.page.close();
  });

  test("a secret is not asked for again, and only what was changed differs in the new revision", async () => {
    const { page } = world.mine;
    const sent: string[] = [];
    page.on("request", (request) => void (request.postData()?.includes("mutation ModifyService") && sent.push(request.postData() ?? "")));
    const dialog = await open(page);
    expect(await dialog.getByLabel("Value of variable 2").inputValue()).toBe("");
    await dialog.getByLabel("Value of variable 1").fill("4");
    await changes(page).getByText("Variable LEVEL").waitFor();
    expect(await changes(page).getByText("API_TOKEN").count()).toBe(0);
    await dialog.getByRole("button", { name: "Modify", exact: true }).click();
    await page.getByText("Every route went over to revision 3.").first().waitFor();
    const input = JSON.parse(sent[0] ?? "{}").variables.input as object;
    expect(input).toEqual({
      id: service.id,
      variables: [
        { name: "LEVEL", value: "4", secret: false },
        { name: "API_TOKEN", secret: true },
      ],
    });
    expect(await service.read("revision { differences { path before after } }")).toEqual({
      revision: { differences: [{ path: "variables.LEVEL", before: "3", after: "4" }] },
    });
  });

  test("a folded part with an error opens itself, with the server's word at its field; what was typed outlives the dialog", async () => {
    const { page } = world.mine;
    const dialog = await open(page);
    const resources = dialog.getByRole("button", { name: "Resource group, environment and resources" });
    await resources.click();
    await dialog.getByLabel("CPU").fill("0");
    await resources.click();
    await dialog.getByRole("button", { name: "Modify", exact: true }).click();
    await dialog.getByText("Must be more than 0.").waitFor();
    await expect.poll(() => isFocused(page.getByRole("dialog").getByLabel("CPU")), patience).toBe(true);
    await dialog.getByLabel("CPU").fill("0.3");
    await dialog.getByRole("button", { name: "Add a variable" }).click();
    await dialog.getByLabel("Name of variable 3").fill("PORT");
    await dialog.getByLabel("Value of variable 3").fill("1");
    await dialog.getByRole("button", { name: "Mounts and variables" }).click();
    await dialog.getByRole("button", { name: "Modify", exact: true }).click();
    await expect.poll(() => isFocused(page.getByRole("dialog").getByLabel("Name of variable 3")), patience).toBe(true);
    expect(await dialog.getByLabel("Name of variable 3").getAttribute("aria-invalid")).toBe("true");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await page.reload();
    await page.getByRole("button", { name: "Modify", exact: true }).click();
    expect(await dialog.getByLabel("Name of variable 3").inputValue()).toBe("PORT");
    await changes(page).getByText("0.2 → 0.3").waitFor();
    await dialog.getByRole("button", { name: "Discard changes" }).click();
    await changes(page).getByText("Nothing yet").waitFor();
  });

  test("a rollout policy is a preset and its numbers, and fits a phone", async () => {
    const { page } = await world.browser.openWindow({ width: 390, height: 844 });
    await world.enter(page);
    const dialog = await open(page);
    await dialog.getByRole("button", { name: "Rollout" }).click();
    await dialog.getByText("Canary", { exact: true }).click();
    await dialog.getByLabel("Share of step 1").fill("20");
    await changes(page)
      .getByText(/Rolling: 1 extra route → Canary: 20% for 5 min, 50% for 5 min/)
      .waitFor();
    expect(await overflowOf(page)).toBe(0);
    await world.browser.shoot(page, "modify-phone");
    await dialog.getByRole("button", { name: "Modify", exact: true }).click();
    await dialog.waitFor({ state: "detached" });
    expect(await service.read("revision { number } rolloutPolicy { maxSurge promote steps { weight holdSeconds } }")).toEqual({
      revision: { number: 3 },
      rolloutPolicy: {
        maxSurge: 1,
        promote: "AUTO",
        steps: [
          { weight: 20, holdSeconds: 300 },
          { weight: 50, holdSeconds: 300 },
        ],
      },
    });
  });

  test("where its policy leaves no room for another route, it says beforehand for how long requests would wait", async () => {
    const { page } = world.mine;
    const dialog = await open(page);
    await dialog.getByRole("button", { name: "Rollout" }).click();
    await dialog.getByText("Rolling", { exact: true }).click();
    await dialog.getByLabel("Extra routes").fill("0");
    await dialog.getByRole("button", { name: "Resource group, environment and resources" }).click();
    await dialog.getByLabel("CPU").fill("0.3");
    await changes(page)
      .getByText(/It is rolled out in place: .* Requests are expected to wait for about \d+ s\./)
      .waitFor();
    await dialog.getByRole("button", { name: "Modify", exact: true }).click();
    await page.getByText("Every route went over to revision 4.").first().waitFor();
  });

  test("ran no script that failed, and never showed the secret", async () => {
    expect([...world.mine.problems, ...world.other.problems]).toEqual([]);
    expect(await world.mine.page.content()).not.toContain(secret);
  });
});
