/**
 * What the forms of a service say while they are filled in: whether there is room for it, and what only the server knows to be wrong. In a
 * real Chromium, on a real API whose machines are the test's.
 */
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Observe, Preview } from "../../server/model/observe.ts";
import { adminToken, testApi, type TestApi } from "../support/api.ts";
import { findChromium, openBrowser, type Browser, type BrowserWindow } from "../support/browser.ts";
import { missing } from "../support/needs.ts";
import { gpus, nodeWith, withSession } from "../support/nodes.ts";
import { overflowOf } from "./editing.ts";

const skipped = missing(findChromium() === null, "chromium", "the forms of a service in a real browser", "apt-get install chromium");
const clientDirectory = fileURLToPath(new URL("../../client/dist", import.meta.url));
const gpu = "nvidia/gpu/H100";
const noRoom = { nodesEvaluated: 1, nodesFiltered: 0, nodesExhausted: 1, constraintFiltered: {}, dimensionExhausted: {}, message: null };

describe.skipIf(skipped)("the form of a service", { timeout: 60_000 }, () => {
  const opened = new AsyncDisposableStack();
  let api: TestApi;
  let browser: Browser;
  let mine: BrowserWindow;
  let page: Page;
  let full: Preview = { fits: true };
  beforeAll(async () => {
    const machine = nodeWith({ name: "alpha", memoryMiB: { total: 16_384, used: 0 }, devices: [gpus(4)] });
    const alpha = withSession(machine, "another", { cpuMillicores: 1000, memoryMiB: 4096, devices: ["GPU-0"] });
    const nodes: Observe["nodes"] = async () => [alpha];
    api = opened.use(
      await testApi({
        nodes,
        preview: async ({ resources: { memoryMiB } }) => (memoryMiB > 12_288 ? { fits: false, unplaced: { ...noRoom, nodes: [alpha] } } : full),
        clientDirectory,
      }),
    );
    await api.createFolder("chat");
    browser = opened.use(await openBrowser());
    mine = await browser.openWindow();
    page = mine.page;
    page.setDefaultTimeout(20_000);
    await page.goto(`${api.url}/#token=${adminToken}`);
  });
  afterAll(() => opened.disposeAsync());

  const dialog = () => page.getByRole("dialog");
  const verdict = () => page.getByRole("status", { name: "Verdict" });
  const resources = () => dialog().getByRole("button", { name: "Resource group, environment and resources" });

  test("offers the accelerators that the resource group has, with how many are free, and takes a shorter name", async () => {
    await page.getByRole("button", { name: "Start service" }).click();
    await verdict().getByText("Choose a model folder").waitFor();
    await dialog().getByRole("combobox", { name: "Model folder" }).click();
    await page.getByRole("option", { name: "chat" }).click();
    await verdict().getByText("Fits now").waitFor();
    await resources().click();
    await dialog().getByText(`In default: ${gpu}, 3 of 4 free.`).waitFor();
    await dialog().getByRole("button", { name: "Add an accelerator" }).click();
    const name = dialog().getByRole("combobox", { name: "Name of accelerator 1" });
    expect(await name.inputValue()).toBe(gpu);
    await name.click();
    await page.getByRole("option", { name: "3 of 4 free" }).waitFor();
    await name.fill("gpu!");
    await name.blur();
    await dialog().getByText("A type, vendor/type or vendor/type/model").waitFor();
    await name.fill("gpu");
    await dialog().getByRole("textbox", { name: "Count of accelerator 1" }).fill("2");
    await page.getByText("with 0.1 CPU, 0.125 GiB of RAM and 2 gpu.").waitFor();
    await dialog().getByLabel("Desired routing count").fill("2");
    await verdict().getByText("Fits in part").waitFor();
    await verdict().getByText("There is too little gpu for all 2 routes").waitFor();
    await dialog().getByLabel("Desired routing count").fill("1");
    await verdict().getByText("Fits now").waitFor();
    await browser.shoot(page, "room-start");
    expect(await rowsOf(api)).toBe(0);
  });

  test("says by itself when there is no room any more, and why", async () => {
    const unplaced = { ...noRoom, message: "every gpu of alpha is taken" };
    full = { fits: false, unplaced };
    await verdict().getByText("No room now").waitFor();
    await verdict().getByText("Every gpu of alpha is taken").waitFor();
    await browser.shoot(page, "room-none");
    full = { fits: true };
    await verdict().getByText("Fits now").waitFor();
  });

  test("offers what would help, and one press does it", async () => {
    const help = dialog().getByRole("group", { name: "What would help" });
    await dialog().getByLabel("RAM", { exact: true }).fill("14");
    await verdict().getByText("No room now").waitFor();
    await verdict().getByText("Needs 14 GiB of memory").waitFor();
    await browser.shoot(page, "room-remedies");
    await help.getByRole("button", { name: "Use 12 GiB of RAM" }).click();
    await verdict().getByText("Fits now").waitFor();
    expect(await dialog().getByLabel("RAM", { exact: true }).inputValue()).toBe("12");
    expect(await help.count()).toBe(0);
    await dialog().getByLabel("RAM", { exact: true }).fill("");
    await verdict().getByText("Fits now").waitFor();
  });

  test("what only the server knows to be wrong stands at its field, while it is typed, until the field is something else", async () => {
    const shared = dialog().getByLabel("Shared memory");
    await shared.fill("1");
    await dialog().getByText("Must be smaller than the memory.").waitFor();
    expect(await shared.getAttribute("aria-invalid")).toBe("true");
    await verdict().getByText("One field needs another value.").waitFor();
    await shared.fill("0");
    await dialog().getByText("Must be smaller than the memory.").waitFor({ state: "detached" });
    await verdict().getByText("Fits now").waitFor();
  });

  test("starts with them, and modifies them: the difference, the room for it, and the facts on the page", async () => {
    await dialog().getByRole("button", { name: "Start", exact: true }).click();
    await page.getByRole("heading", { name: "chat", exact: true }).waitFor();
    await page.getByRole("region", { name: "Facts" }).getByText("2 × gpu a route").waitFor();
    await page.getByRole("button", { name: "Modify", exact: true }).click();
    await verdict().getByText("Nothing is changed yet.").waitFor();
    await resources().click();
    await dialog().getByRole("textbox", { name: "Count of accelerator 1" }).fill("3");
    const changes = page.getByRole("complementary", { name: "What will change" });
    await changes.getByText("Accelerator gpu").waitFor();
    await changes.getByText("2 → 3").waitFor();
    await verdict().getByText("Fits now").waitFor();
    await dialog().getByRole("button", { name: "Remove accelerator gpu" }).click();
    await changes.getByText("2 → removed").waitFor();
    await dialog().getByRole("button", { name: "Modify", exact: true }).click();
    await dialog().waitFor({ state: "detached" });
    const read = '{ service(name: "chat") { revision { number resources { accelerators { name count } } } } }';
    expect((await api.ask(read)).data).toEqual({ service: { revision: { number: 2, resources: { accelerators: [] } } } });
  });

  test("more routes are no new revision, and still need room", async () => {
    await page.getByRole("button", { name: "Modify", exact: true }).click();
    await dialog().getByLabel("Desired routing count").fill("2");
    await verdict().getByText("There is room for one more route.").waitFor();
    await page.getByRole("complementary", { name: "What will change" }).getByText("It makes no new revision").waitFor();
    await dialog().getByLabel("Desired routing count").fill("0");
    await verdict().getByText("Nothing new has to be placed for it.").waitFor();
    await page.keyboard.press("Escape");
  });

  test("fits a phone, with the verdict and the button in sight wherever the form is scrolled to", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`${api.url}/services/new`);
    await dialog().getByRole("combobox", { name: "Model folder" }).click();
    await page.getByRole("option", { name: "chat" }).click();
    await verdict().getByText("One field needs another value.").waitFor();
    await dialog().getByText("There is a service chat already.").waitFor();
    await resources().click();
    await dialog().getByRole("button", { name: "Add an accelerator" }).click();
    expect(await verdict().evaluate((shown) => shown.getBoundingClientRect().bottom)).toBeLessThan(844);
    expect(await overflowOf(page)).toBe(0);
    await browser.shoot(page, "room-phone");
  });

  test("ran no script that failed", () => expect(mine.problems).toEqual([]));
});

const rowsOf = async ({ database }: TestApi): Promise<unknown> => (await database.sql`select count(*)::int from services`)[0]?.["count"];
