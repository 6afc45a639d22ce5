/** The traffic of a service in the console: nothing, then live, over longer times, by route, for eyes and for screen readers. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFailed, test } from "vitest";
import { newId, type RouteId, type ServiceId, type TokenId } from "../../server/model/ids.ts";
import { bucketOf, noCounts, place } from "../../server/model/traffic.ts";
import { recordTraffic } from "../../server/store/traffic.ts";
import type { Database } from "../../server/store/database.ts";
import { guideExample } from "../control/definitions.ts";
import { type Browser, type BrowserWindow, findChromium, openBrowser } from "../support/browser.ts";
import { testDatabase } from "../support/database.ts";
import { graphqlOf } from "../support/graphql.ts";
import { missing } from "../support/needs.ts";
import { type Serai, startSerai } from "../support/serai.ts";
import { overflowOf, soonMs } from "./editing.ts";
import { createStoryService, get, patience, type StoryService } from "./service-of.ts";

const skipped = missing(findChromium() === null, "chromium", "charts in a real browser", "apt-get install chromium");
const minuteMs = 60_000;

/** A day of requests at two gateways: more at noon than at night, and some minutes of trouble. */
async function fillDay(database: Database, service: StoryService): Promise<void> {
  const { routes } = (await service.read("routes { id }")) as { routes: { id: RouteId }[] };
  const serviceId = service.id as ServiceId;
  const nowMinute = Math.floor(Date.now() / minuteMs);
  const countsAt = (minute: number, share: number): number[] => {
    const counts = noCounts();
    const busy = Math.round(share * (400 + 300 * Math.sin(minute / 180) + 60 * Math.sin(minute / 3)));
    const failed = minute % 700 < 20 ? Math.round(busy / 20) : 0;
    counts[place.outcomes + 1] = busy;
    counts[place.outcomes + 3] = minute % 11;
    counts[place.outcomes + 4] = failed;
    for (const [ms, part] of [
      [80 + 30 * Math.sin(minute / 40), 0.8],
      [250, 0.17],
      [1200, 0.03],
    ] as const) {
      counts[place.latency + bucketOf(ms)]! += Math.round(busy * part);
      counts[place.firstByte + bucketOf(ms / 3)]! += Math.round(busy * part);
    }
    counts[place.inFlightMs] = busy * 150;
    return Array.from(counts);
  };
  for (const [index, gatewayId] of [newId("gateway"), newId("gateway")].entries()) {
    const rows = Array.from({ length: 1440 }, (_, ago) => nowMinute - 1 - ago).flatMap((minute) =>
      routes.map(({ id }, at) => ({
        serviceId,
        at: new Date(minute * minuteMs),
        subject: id,
        counts: countsAt(minute + 20 * at, index === 0 ? 0.7 : 0.3),
        inFlight: 0,
      })),
    );
    await recordTraffic(database, gatewayId, rows, 1);
  }
}

describe.skipIf(skipped)("the traffic of a service in the console", { timeout: 120_000 }, () => {
  const opened = new AsyncDisposableStack();
  let database: Database;
  let serai: Serai;
  let browser: Browser;
  let window: BrowserWindow;
  let page: Page;
  let service: StoryService;
  let token: { readonly id: TokenId; readonly secret: string };

  beforeAll(async () => {
    database = opened.use(await testDatabase());
    serai = opened.use(await startSerai({ env: { DATABASE_URL: database.url, SERAI_EXAMPLES: "0" } }));
    const api = opened.use(graphqlOf(serai));
    browser = opened.use(await openBrowser());
    service = await createStoryService(() => api, "chat", guideExample, { desiredRouteCount: 2 });
    const created = await api.wish("createToken", { serviceId: service.id, name: "mine" }, "secret token { id }");
    token = { id: (created["token"] as { id: TokenId }).id, secret: created["secret"] as string };
    window = await open({});
    page = window.page;
  }, 120_000);
  afterAll(() => opened.disposeAsync());
  beforeEach(() =>
    onTestFailed(async () => {
      await browser.showFailure("traffic", window);
      console.log(serai.output().slice(-2000));
    }),
  );

  async function open(options: Parameters<Browser["openWindow"]>[0], search = ""): Promise<BrowserWindow> {
    const one = await browser.openWindow(options);
    one.page.setDefaultTimeout(soonMs);
    await one.page.goto(serai.signInUrl);
    await one.page.getByRole("heading", { name: "Services" }).waitFor();
    await one.page.goto(`${serai.url}services/${service.id}${search}`);
    await one.page.getByRole("region", { name: "Traffic" }).waitFor();
    return one;
  }
  const panel = (of: Page = page) => of.getByRole("region", { name: "Traffic" });
  const chart = (title: string) => panel().getByRole("figure").filter({ hasText: title });
  const legend = (title: string) => chart(title).getByRole("listitem").allInnerTexts();
  const heightOf = async () => (await panel().locator(".traffic").boundingBox())?.height;

  test("without requests it says so", async () => {
    await service.becomes("HEALTHY");
    await panel().getByText("No requests in the last hour.").waitFor();
    await panel().locator("canvas").nth(3).waitFor();
    await browser.shoot(page, "traffic-none");
  });

  test("requests show within seconds, without anything moving, and the token says how often it was used", async () => {
    const before = await heightOf();
    const headers = { authorization: `Bearer ${token.secret}` };
    for (let each = 0; each < 30; each += 1) expect(await get(service.endpoint, headers)).toBe(200);
    for (let each = 0; each < 5; each += 1) expect(await get(`${service.endpoint}/nothing`, headers)).toBe(404);
    for (let each = 0; each < 3; each += 1) expect(await get(service.endpoint)).toBe(401);
    await expect.poll(() => panel().getByText("No requests").count(), patience).toBe(0);
    expect(await heightOf()).toBe(before);
    await page.getByRole("table", { name: "Tokens" }).getByRole("cell", { name: "35", exact: true }).waitFor();
  });

  test("as a table it has every request, however it ended", async () => {
    await panel().getByText("As a table").click();
    const sums = async () => {
      const rows = await panel().getByRole("table", { name: "Traffic" }).locator("tbody tr").allInnerTexts();
      const numbers = rows.map((row) => row.split("\t").slice(1, 4).map(Number));
      return [0, 1, 2].map((at) => numbers.reduce((sum, row) => sum + (row[at] ?? 0), 0));
    };
    await expect.poll(sums, patience).toEqual([38, 8, 0]);
    await panel().getByText("As a table").click();
  });

  test("longer times and routes are one press away, and the address keeps them", async () => {
    await fillDay(database, service);
    await page.reload();
    await panel().locator("canvas").nth(3).waitFor();
    await expect.poll(async () => (await legend("Requests"))[0], patience).toMatch(/^Requests\s+\d+(\.\d+)?\/s$/);
    await browser.shoot(page, "traffic-hour");
    await panel().getByText("24 h", { exact: true }).click();
    await expect.poll(() => page.url(), patience).toContain("traffic=24h");
    await expect
      .poll(() => legend("Time"), patience)
      .toEqual([expect.stringMatching(/^p99/), expect.stringMatching(/^p95\s+\d/), expect.stringMatching(/^p50\s+\d/)]);
    await panel().getByText("First byte").click();
    await browser.shoot(page, "traffic-day");
    await panel().getByRole("combobox", { name: "What the charts tell apart" }).click();
    await page.getByRole("option", { name: "By route" }).click();
    await expect.poll(async () => (await legend("Requests")).filter((text) => text.startsWith("rt_")).length, patience).toBe(2);
    await page.reload();
    await expect.poll(async () => (await legend("Requests")).filter((text) => text.startsWith("rt_")).length, patience).toBe(2);
    await browser.shoot(page, "traffic-routes");
    await chart("Requests")
      .locator(".plot")
      .hover({ position: { x: 200, y: 60 } });
    await browser.shoot(page, "traffic-hover");
    expect(window.problems).toEqual([]);
  });

  test("it is as good in the dark and on a phone", async () => {
    const dark = await open({ scheme: "dark" });
    await expect.poll(() => panel(dark.page).locator("canvas").count(), patience).toBe(4);
    await browser.shoot(dark.page, "traffic-dark");
    const phone = await open({ width: 390, height: 844 }, "?traffic=6h,revision");
    await expect.poll(() => panel(phone.page).getByText("Revision 1").count(), patience).toBeGreaterThan(0);
    expect(await overflowOf(phone.page)).toBe(0);
    await browser.shoot(phone.page, "traffic-phone");
    expect([...dark.problems, ...phone.problems]).toEqual([]);
  });
});
