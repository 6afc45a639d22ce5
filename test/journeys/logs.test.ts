/** Logs in the console, live: over a restart, in both streams, paused, searched, scrolled and loaded as a file. */
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { killAll, markedProcesses } from "../contract/session-processes.ts";
import { findChromium } from "../support/browser.ts";
import { missing } from "../support/needs.ts";
import { openEditing, overflowOf, type Editing } from "./editing.ts";
import { createStoryService, patience, type StoryService } from "./service-of.ts";

const skipped = missing(findChromium() === null, "chromium", "logs in a real browser", "apt-get install chromium");

const script = [
  String.raw`printf '\033[32mloading\033[0m weights\n 10%%\r 60%%\r100%%\n'; echo "the token is $HF_TOKEN"`,
  "(n=0; while :; do n=$((n+1)); echo tick $n; sleep 0.2; done) &",
  'exec python3 -m http.server --bind 127.0.0.1 --directory "$HOME" "$PORT"',
].join("\n");
const definition = `models:
  - name: test
    model_path: /models
    service:
      start_command: ${JSON.stringify(["sh", "-c", script])}
      port: 8000
      health_check:
        path: /
        interval: 0.5
`;

describe.skipIf(skipped)("the logs of a route in the console", { timeout: 120_000 }, () => {
  let world: Editing;
  let page: Page;
  let service: StoryService;
  beforeAll(async () => {
    world = await openEditing();
    page = world.mine.page;
    const variables = [{ name: "HF_TOKEN", value: "hf_AbCdEfGhIjKl", secret: true }];
    service = await createStoryService(() => world.api, "chat", definition, { openToPublic: true, variables });
    await open(page);
  }, 120_000);
  afterAll(() => world?.[Symbol.asyncDispose]());
  beforeEach(() => world.watch());

  const open = async (window: Page): Promise<void> => {
    await window.goto(`${world.serai.url}services/${service.id}`);
    await window.getByRole("button", { name: /^Logs of / }).click();
    await textIn(window).getByText("tick 1", { exact: true }).waitFor();
  };
  const textIn = (window: Page) => window.getByRole("log", { name: "Log" });
  const log = () => textIn(page);
  const newestTick = async (): Promise<number> => Number([...(await log().innerText()).matchAll(/tick (\d+)/g)].at(-1)?.[1] ?? 0);
  const fromEnd = (): Promise<number> => log().evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight);

  test("lines come as they are written, as a terminal would leave them, without the values of secrets", async () => {
    await log().getByText("loading weights", { exact: true }).waitFor();
    await log().getByText("100%", { exact: true }).waitFor();
    await log().getByText("the token is [secret HF_TOKEN]", { exact: true }).waitFor();
    const before = await newestTick();
    await expect.poll(newestTick, patience).toBeGreaterThan(before + 3);
    await page.getByText(/^\d+ lines$/).waitFor();
  });

  test("paused, nothing moves; it goes on without a gap", async () => {
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByText("Paused: what is written meanwhile").waitFor();
    const before = await newestTick();
    // What it writes meanwhile is seen in the download.
    const written = async () => (await (await fetchLog()).text()).includes(`tick ${before + 8}\n`);
    await expect.poll(written, patience).toBe(true);
    expect(await newestTick()).toBeLessThanOrEqual(before + 1);
    await page.getByRole("button", { name: "Go on" }).click();
    await expect.poll(newestTick, patience).toBeGreaterThan(before + 8);
    const ticks = [...(await log().innerText()).matchAll(/tick (\d+)/g)].map(([, number]) => Number(number));
    expect(ticks).toEqual(ticks.map((_, index) => index + 1));
  });

  const fetchLog = async () => {
    const { routes } = (await service.read("routes { id }")) as { routes: { id: string }[] };
    return fetch(`${world.serai.url}logs/${routes[0]?.id}`, { headers: { authorization: `Bearer ${world.serai.adminToken}` } });
  };

  test("it follows the end until somebody scrolls up, and again from the end on", async () => {
    await expect.poll(async () => newestTick(), patience).toBeGreaterThan(60);
    await expect.poll(fromEnd, patience).toBeLessThan(30);
    await log().hover();
    await page.mouse.wheel(0, -400);
    const follow = page.getByRole("switch", { name: "Follow" });
    await expect.poll(() => follow.isChecked(), patience).toBe(false);
    const [top, tick] = [await log().evaluate((box) => box.scrollTop), await newestTick()];
    await expect.poll(newestTick, patience).toBeGreaterThan(tick + 3);
    expect(await log().evaluate((box) => box.scrollTop)).toBe(top);
    await page.mouse.wheel(0, 100_000);
    await expect.poll(() => follow.isChecked(), patience).toBe(true);
    await expect.poll(fromEnd, patience).toBeLessThan(30);
  });

  test("what is searched for is marked, and the keyboard goes from one to the next", async () => {
    const search = page.getByRole("textbox", { name: "Search the log" });
    await search.fill("TICK 2");
    await log().locator("mark").first().waitFor();
    await search.press("Enter");
    const current = log().locator("[aria-current]");
    await expect.poll(() => current.innerText(), patience).toMatch(/^tick 2\s*$/);
    await page.getByText(/^1 of \d+$/).waitFor();
    await search.press("Enter");
    await expect.poll(() => current.innerText(), patience).toMatch(/^tick 20\s*$/);
    await search.press("Shift+Enter");
    await expect.poll(() => current.innerText(), patience).toMatch(/^tick 2\s*$/);
    await world.browser.shoot(page, "logs-search");
    await search.fill("");
    await page.locator("label").filter({ hasText: "Follow" }).click();
  });

  test("a restart is a line of its own, and the log goes on after it", async () => {
    const { routes } = (await service.read("routes { sessionId }")) as { routes: { sessionId: string }[] };
    await killAll(await markedProcesses(routes[0]?.sessionId as never));
    await log().getByText("Another attempt begins: 2").waitFor();
    await expect.poll(newestTick, patience).toBeLessThan(30);
    await world.browser.shoot(page, "logs");
  });

  test("errors have a log of their own, long lines are wrapped or not, and the file is loaded under its name", async () => {
    await page.getByText("stderr", { exact: true }).click();
    await log()
      .getByText(/"GET \/ HTTP/)
      .first()
      .waitFor();
    await page.locator("label").filter({ hasText: "Wrap" }).click();
    expect(await log().evaluate((box) => getComputedStyle(box.firstElementChild as Element).whiteSpace)).toBe("pre");
    const loading = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download" }).click();
    const file = await loading;
    expect(file.suggestedFilename()).toMatch(/^chat-rt_\w+-stderr\.log$/);
    expect(await readFile(await file.path(), "utf8")).toContain('"GET / HTTP');
    await page.getByText("stdout", { exact: true }).click();
    await log().getByText(/^tick/).first().waitFor();
    expect(world.mine.problems).toEqual([]);
  });

  test("it is as good in the dark and on a phone", async () => {
    const dark = world.other.page;
    await dark.goto(`${world.serai.url}services/${service.id}`);
    await dark.getByRole("button", { name: /^Logs of / }).waitFor();
    await world.browser.shoot(dark, "logs-panel-dark");
    await open(dark);
    await world.browser.shoot(dark, "logs-dark");
    const phone = await world.browser.openWindow({ width: 390, height: 844 });
    await world.enter(phone.page);
    await open(phone.page);
    expect(await overflowOf(phone.page)).toBe(0);
    await world.browser.shoot(phone.page, "logs-phone");
  });

  test("when its route ends the log stays, and it is found among those that have ended, until nothing is kept of it", async () => {
    const { routes } = (await service.read("routes { id sessionId }")) as { routes: { id: string; sessionId: string }[] };
    const [old] = routes;
    await world.api.wish("restartService", { id: service.id }, "service { id }");
    await page.getByText(/The route has ended\. \d+ lines/).waitFor();
    await log().getByText(/^tick/).last().waitFor();
    await page.keyboard.press("Escape");
    await log().waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "Ended routes" }).click();
    const logsOf = (window: Page) => window.getByRole("table", { name: "Ended routes" }).getByRole("button", { name: /^Logs of / });
    await logsOf(page).waitFor();
    await world.browser.shoot(page, "ended-routes");
    await logsOf(page).click();
    await log().getByText("tick 1", { exact: true }).waitFor();
    const loading = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download" }).click();
    expect(await readFile(await (await loading).path(), "utf8")).toContain("tick 1\n");
    await page.keyboard.press("Escape");
    const phone = await world.browser.openWindow({ width: 390, height: 844, scheme: "dark" });
    await world.enter(phone.page);
    await phone.page.goto(`${world.serai.url}services/${service.id}`);
    await phone.page.getByRole("button", { name: "Ended routes" }).click();
    await logsOf(phone.page).waitFor();
    expect(await overflowOf(phone.page)).toBe(0);
    await logsOf(phone.page).scrollIntoViewIfNeeded();
    await world.browser.shoot(phone.page, "ended-routes-phone-dark");
    await rm(join(world.serai.dataDirectory, "sessions", old?.sessionId ?? ""), { recursive: true });
    await logsOf(page).click();
    await page.getByText("Of what this route wrote nothing is kept any more.").waitFor();
    await world.browser.shoot(page, "logs-not-kept");
    expect(world.mine.problems).toEqual([]);
  });
});
