/** The Cluster page, and what would help on a service's page, in a real Chromium on a real API whose machines are the test's. */
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AppError } from "../../server/failure.ts";
import type { ComputeNode, Preview } from "../../server/model/observe.ts";
import type { ServiceId } from "../../server/model/ids.ts";
import { adminToken, testApi, type TestApi } from "../support/api.ts";
import { findChromium, openBrowser, type Browser, type BrowserWindow } from "../support/browser.ts";
import { missing } from "../support/needs.ts";
import { gpus, nodeWith, withSession, withUser } from "../support/nodes.ts";
import { overflowOf } from "./editing.ts";

const skipped = missing(findChromium() === null, "chromium", "the Cluster page in a real browser", "apt-get install chromium");
const clientDirectory = fileURLToPath(new URL("../../client/dist", import.meta.url));
const noRoom = { nodesEvaluated: 1, nodesFiltered: 0, nodesExhausted: 1, constraintFiltered: {}, dimensionExhausted: {}, message: null };
const foreign = { id: "a-job", job: "nightly-batch", session: null, cpuMillicores: 2000, memoryMiB: 8192 };

describe.skipIf(skipped)("the Cluster page", { timeout: 60_000 }, () => {
  const opened = new AsyncDisposableStack();
  let api: TestApi;
  let browser: Browser;
  let mine: BrowserWindow;
  let page: Page;
  let nodes: readonly ComputeNode[] | null = [];
  let preview: Preview = { fits: true };
  let whisperId: ServiceId;

  beforeAll(async () => {
    const away = new AppError("SCHEDULER_UNAVAILABLE", "refused", {
      publicMessage: "The Nomad cluster cannot be reached at the moment.",
      retry: true,
    });
    api = opened.use(
      await testApi({
        nodes: async () => nodes ?? Promise.reject(away),
        preview: async () => preview,
        nomad: { ui: "https://nomad.example.com" },
        clientDirectory,
      }),
    );
    whisperId = (await api.createService("whisper", await api.createFolder("whisper"), { desiredRouteCount: 2 })).id;
    browser = opened.use(await openBrowser());
    mine = await browser.openWindow();
    page = mine.page;
    page.setDefaultTimeout(20_000);
    await page.goto(`${api.url}/#token=${adminToken}`);
    await page.getByText("whisper").first().waitFor();
  });
  afterAll(() => opened.disposeAsync());

  const alpha = () => page.getByRole("article", { name: "Node alpha" });
  const projectId = async () => (await api.database.sql`select project_id from services`)[0]?.["project_id"] as never;

  test("without a machine says what comes by itself", async () => {
    await page.getByRole("link", { name: "Cluster" }).click();
    await page.getByText("A client that joins the Nomad cluster appears here by itself.").waitFor();
    await browser.shoot(page, "cluster-empty");
  });

  test("shows by itself what joins: what is free of it, and each accelerator with who holds it", async () => {
    const machine = nodeWith({ name: "alpha", devices: [gpus(4), gpus(2, 24, "L4")] });
    const ours = withSession(machine, "whisper", { cpuMillicores: 1000, memoryMiB: 16_384, devices: ["GPU-1", "GPU-2"] }, await projectId());
    const whisper = ours.users[0];
    if (whisper?.session == null) throw new Error("nobody is there");
    const session = { ...whisper.session, serviceId: whisperId };
    const held = { ...ours, users: [{ ...whisper, session }] };
    const busy = withUser(held, foreign, ["GPU-3"]);
    const broken = busy.devices.map((group) =>
      group.model === "L4" ? { ...group, instances: group.instances.map((one) => ({ ...one, heldBy: null, healthy: one.id === "GPU-0" })) } : group,
    );
    nodes = [
      { ...busy, devices: broken },
      nodeWith({ name: "beta", nodePool: "edge", status: "DOWN", eligible: false }),
      nodeWith({
        name: "gamma",
        memoryMiB: { total: 8192, used: 0 },
        drivers: [{ name: "docker", detected: true, healthy: false, said: "Failed to connect to docker daemon." }],
      }),
    ];
    await alpha().getByText("Eligible", { exact: true }).waitFor();
    const h100 = alpha().getByRole("region", { name: "nvidia/gpu/H100" });
    await h100.getByText("1 of 4 free").waitFor();
    expect(await h100.getByRole("listitem").allInnerTexts()).toEqual(["GPU-0\nfree", "GPU-1\nwhisper", "GPU-2\nwhisper", "GPU-3\nanother job"]);
    expect(await alpha().getByRole("region", { name: "nvidia/gpu/L4" }).getByRole("listitem").allInnerTexts()).toEqual([
      "GPU-0\nfree",
      "GPU-1\nunhealthy",
    ]);
    expect(await h100.getByRole("link", { name: "whisper" }).first().getAttribute("href")).toBe(`/services/${whisperId}`);
    await alpha().getByText("5 of 8 cores free").waitFor();
    await page.getByRole("article", { name: "Node beta" }).getByText("Down").waitFor();
    const illness = "No session is placed there that needs docker, which is unhealthy (Failed to connect to docker daemon).";
    await page.getByRole("article", { name: "Node gamma" }).getByText(illness).waitFor();
    await page
      .getByRole("table", { name: "Resource groups" })
      .getByRole("row", { name: /default .*2 of 2 13 of 16/ })
      .waitFor();
    expect(await alpha().getByRole("link", { name: "Nomad’s page of node alpha" }).getAttribute("href")).toBe(
      "https://nomad.example.com/ui/clients/id-of-alpha",
    );
    await browser.shoot(page, "cluster");
  });

  test("a drain is asked for with what will happen and to whom, is seen on its way, and is cancelled with one press", async () => {
    await alpha().getByRole("button", { name: "Drain alpha" }).click();
    const dialog = page.getByRole("dialog", { name: "Drain alpha" });
    await dialog.getByText("1 session moves to other nodes: whisper (1).").waitFor();
    await dialog.getByText("1 job that is not Serai’s stays.").waitFor();
    await browser.shoot(page, "cluster-drain");
    await dialog.getByRole("button", { name: "Drain", exact: true }).click();
    await dialog.waitFor({ state: "detached" });
    await alpha().getByText("Being taken out").waitFor();

    const { sql } = api.database;
    await sql`update node_wishes set problem = 'Nomad does not accept Serai''s token at the moment.'`;
    await alpha().getByText("It is to take no new work. Nomad does not accept Serai's token at the moment. It is tried again.").waitFor();
    await sql`update node_wishes set problem = null, applied_at = now()`;
    await alpha().getByText("1 session of Serai still runs here; it ends when its successor serves elsewhere.").waitFor();
    await browser.shoot(page, "cluster-draining");
    nodes = (nodes ?? []).map((node) => (node.name === "alpha" ? { ...node, eligible: false, users: [foreign] } : node));
    await alpha().getByText("Nothing of Serai runs here; 1 other job does. It takes no new work.").waitFor();
    await alpha().getByRole("button", { name: "Make alpha eligible" }).click();
    await expect.poll(async () => (await sql`select wish, applied_at from node_wishes`)[0]).toEqual({ wish: "ELIGIBLE", applied_at: null });
    await sql`delete from node_wishes`;
    nodes = nodes.map((node) => (node.name === "alpha" ? { ...node, eligible: true } : node));
    await alpha().getByText("Eligible", { exact: true }).waitFor();
  });

  test("members see the machines and can do nothing to them; it fits a phone, in the dark too", async () => {
    const phone = await browser.openWindow({ width: 390, height: 844, scheme: "dark" });
    phone.page.setDefaultTimeout(20_000);
    await phone.page.goto(`${api.url}/cluster#token=${encodeURIComponent(await api.createOtherUser())}`);
    await phone.page.getByRole("article", { name: "Node alpha" }).waitFor();
    expect(await phone.page.getByRole("button", { name: /Drain|eligible/ }).count()).toBe(0);
    expect(await overflowOf(phone.page)).toBe(0);
    await browser.shoot(phone.page, "cluster-phone");
    expect(phone.problems).toEqual([]);
  });

  test("a Nomad that is away is said, with how old that is which is shown", async () => {
    const before = nodes;
    nodes = null;
    const notice = page.getByRole("status").filter({ hasText: "The Nomad cluster cannot be reached at the moment." });
    await notice.getByText(/This is how it was (just now|\d+ s ago)/).waitFor();
    await alpha().waitFor();
    await browser.shoot(page, "cluster-away");
    nodes = before;
    await notice.waitFor({ state: "detached" });
  });

  test("on the page of a service that waits, what would help stands beside its sentence, and is done from there", async () => {
    const full = nodeWith({ name: "alpha", memoryMiB: { total: 2048, used: 0 } });
    const taken = withSession(full, "whisper", { memoryMiB: 1536 }, await projectId());
    const whisper = taken.users[0];
    if (whisper?.session == null) throw new Error("nobody is there");
    const out = nodeWith({ name: "delta", eligible: false });
    const seen = [{ ...taken, users: [{ ...whisper, session: { ...whisper.session, serviceId: whisperId } }] }, out];
    nodes = seen;
    preview = { fits: false, unplaced: { ...noRoom, nodes: seen } };
    const { id } = await api.createService("llama", await api.createFolder("llama"), { resources: { memoryGiB: 1 } });
    await api.database.sql`
      insert into routes (id, service_id, revision_id, session_id, status, status_reason)
      select 'rt_aaaaaaaaaaaaaaaaaaaa', id, revision_id, 'ses_aaaaaaaaaaaaaaaaaaaa', 'SCHEDULING', 'It waits.' from services where id = ${id}`;
    await page.goto(`${api.url}/services/${id}`);
    const nomad = page.getByRole("table", { name: "Routes" }).getByRole("link", { name: "Nomad’s page of route rt_aaaaaa" });
    expect(await nomad.getAttribute("href")).toBe("https://nomad.example.com/ui/jobs/serai-test-ses_aaaaaaaaaaaaaaaaaaaa%40default");
    const help = page.getByRole("group", { name: "What would help" });
    await help.getByRole("button", { name: "Use 0.5 GiB of RAM" }).waitFor();
    expect(await help.getByRole("button").allInnerTexts()).toEqual(["Use 0.5 GiB of RAM", "Make delta eligible", "Stop whisper"]);
    await browser.shoot(page, "remedies");

    await help.getByRole("button", { name: "Make delta eligible" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Make delta eligible" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect((await api.database.sql`select wish, node_name from node_wishes`)[0]).toEqual({ wish: "ELIGIBLE", node_name: "delta" });

    await help.getByRole("button", { name: "Stop whisper" }).click();
    await page.getByText("whisper goes from 2 desired routes to 0").waitFor();
    await browser.shoot(page, "remedies-stop");
    await page.getByRole("dialog").getByRole("button", { name: "Stop whisper" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect((await api.ask(`{ service(name: "whisper") { desiredRouteCount } }`)).data).toEqual({ service: { desiredRouteCount: 0 } });

    preview = { fits: true };
    await help.getByRole("button", { name: "Use 0.5 GiB of RAM" }).click();
    const dialog = page.getByRole("dialog", { name: "Modify llama" });
    await dialog.getByText("1 → 0.5").waitFor();
    await dialog.getByText("Fits now").waitFor();
    await dialog.getByRole("button", { name: "Modify", exact: true }).click();
    await dialog.waitFor({ state: "detached" });
    expect((await api.ask(`{ service(name: "llama") { revision { resources { memoryGiB } } } }`)).data).toEqual({
      service: { revision: { resources: { memoryGiB: 0.5 } } },
    });
  });

  test("ran no script that failed", () => expect(mine.problems).toEqual([]));
});
