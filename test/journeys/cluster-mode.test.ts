/** Cluster mode in the forms of a service: in a real Chromium, on a real API whose machines are the test's. */
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newId } from "../../server/model/ids.ts";
import { adminToken, testApi, type TestApi } from "../support/api.ts";
import { findChromium, openBrowser, type Browser, type BrowserWindow } from "../support/browser.ts";
import { missing } from "../support/needs.ts";
import { nodeWith } from "../support/nodes.ts";
import { overflowOf } from "./editing.ts";

const skipped = missing(findChromium() === null, "chromium", "cluster mode in a real browser", "apt-get install chromium");
const clientDirectory = fileURLToPath(new URL("../../client/dist", import.meta.url));
const noRoom = {
  nodesEvaluated: 2,
  nodesFiltered: 2,
  nodesExhausted: 0,
  constraintFiltered: { distinct_hosts: 2 },
  dimensionExhausted: {},
  message: null,
};

describe.skipIf(skipped)("cluster mode", { timeout: 60_000 }, () => {
  const opened = new AsyncDisposableStack();
  let api: TestApi;
  let browser: Browser;
  let mine: BrowserWindow;
  let page: Page;
  beforeAll(async () => {
    const nodes = [nodeWith({ name: "alpha" }), nodeWith({ name: "beta" }), nodeWith({ name: "gamma", eligible: false })];
    api = opened.use(
      await testApi({
        nodes: async () => nodes,
        preview: async ({ cluster }) =>
          cluster !== undefined && cluster.size > 2 ? { fits: false, unplaced: { ...noRoom, nodes } } : { fits: true },
        logs: async function* (_id, { member }) {
          yield { attempt: "1", offset: 0, bytes: Buffer.from(`written by ${member}\n`) };
        },
        clientDirectory,
      }),
    );
    await api.createFolder("chat");
    browser = opened.use(await openBrowser());
    mine = await browser.openWindow({ scheme: "dark" });
    page = mine.page;
    page.setDefaultTimeout(20_000);
    await page.goto(`${api.url}/#token=${adminToken}`);
  });
  afterAll(() => opened.disposeAsync());

  const dialog = () => page.getByRole("dialog");
  const verdict = () => page.getByRole("status", { name: "Verdict" });
  const choose = async (field: string, option: string) => {
    await dialog().getByRole("combobox", { name: field }).click();
    await page.getByRole("option", { name: option, exact: true }).click();
  };

  test("is folded, and what is asked for is for each member", async () => {
    await page.getByRole("button", { name: "Start service" }).click();
    await choose("Model folder", "chat");
    await verdict().getByText("Fits now").waitFor();
    const fold = dialog().getByRole("button", { name: "Cluster mode" });
    expect(await fold.getAttribute("aria-expanded")).toBe("false");
    await fold.click();
    await choose("Cluster mode", "Multi node");
    await dialog().getByText("Each member on a node of its own").waitFor();
    await dialog().getByLabel("Cluster size").fill("3");
    await page.getByText("1 route of 3 members is started in default, with 0.3 CPU and 0.375 GiB of RAM together.").waitFor();
    await verdict().getByText("2 of 3 members would find a place; 1 is missing.").waitFor();
    await browser.shoot(page, "cluster-mode-start");
    await dialog().getByLabel("Cluster size").fill("70");
    await dialog().getByText("Must be 64 members or fewer.").waitFor();
    await dialog().getByLabel("Cluster size").fill("2");
    await verdict().getByText("Fits now").waitFor();
  });

  test("is among the facts, and a change of it makes a revision", async () => {
    await dialog().getByRole("button", { name: "Start", exact: true }).click();
    await page.getByRole("heading", { name: "chat", exact: true }).waitFor();
    const facts = page.getByRole("region", { name: "Facts" });
    await facts.getByText("Multi node, 2 members a route").waitFor();
    await facts.getByText("0.1 a member").waitFor();
    await browser.shoot(page, "cluster-mode-facts");
    await page.getByRole("button", { name: "Modify", exact: true }).click();
    await choose("Cluster mode", "Single node");
    await dialog().getByLabel("Cluster size").fill("");
    await dialog().getByLabel("Cluster size").blur();
    await dialog().getByText("A whole number, 1 or more.").waitFor();
    await dialog().getByLabel("Cluster size").fill("1");
    const changes = page.getByRole("complementary", { name: "What will change" });
    await changes.getByText("Multi node → Single node").waitFor();
    await changes.getByText("2 → 1").waitFor();
    await changes.getByText("It makes a new revision.").waitFor();
    await dialog().getByRole("button", { name: "Modify", exact: true }).click();
    await dialog().waitFor({ state: "detached" });
    const read = '{ service(name: "chat") { revision { number clusterMode clusterSize } } }';
    expect((await api.ask(read)).data).toEqual({ service: { revision: { number: 2, clusterMode: "SINGLE_NODE", clusterSize: 1 } } });
  });

  test("lets one read the log of any member", async () => {
    await api.change("createService", { name: "gang", folderId: await api.createFolder("gang"), clusterSize: 3 }, "service { id }");
    await api.database.sql`insert into routes (id, service_id, revision_id, session_id, status)
      select ${newId("route")}, id, revision_id, ${newId("session")}, 'SCHEDULING' from services where name = 'gang'`;
    await page.goto(`${api.url}/services`);
    await page.getByRole("link", { name: "gang" }).first().click();
    await page.getByRole("button", { name: /^Logs of / }).click();
    const log = page.getByRole("log", { name: "Log" });
    await log.getByText("written by 0").waitFor();
    await choose("Member", "Worker 2");
    await log.getByText("written by 2").waitFor();
    expect(await dialog().getByRole("link", { name: "Download" }).getAttribute("href")).toMatch(/stream=stdout&member=2$/);
    await browser.shoot(page, "cluster-mode-logs");
  });

  test("fits a phone", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`${api.url}/services/new`);
    await choose("Model folder", "chat");
    await dialog().getByRole("button", { name: "Cluster mode" }).click();
    await dialog().getByLabel("Cluster size").fill("2");
    expect(await overflowOf(page)).toBe(0);
    await browser.shoot(page, "cluster-mode-phone");
  });

  test("ran no script that failed", () => expect(mine.problems).toEqual([]));
});
