/** Resource groups kept on the Cluster page by an administrator, in a real Chromium, by keyboard; and a service started in one. */
import { fileURLToPath } from "node:url";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFailed, test } from "vitest";
import { containerSeeds } from "../../server/model/environment-seeds.ts";
import { ensureEnvironments } from "../../server/store/environments.ts";
import { adminToken, testApi, type Data, type TestApi } from "../support/api.ts";
import { findChromium, openBrowser, type Browser, type BrowserWindow } from "../support/browser.ts";
import { missing } from "../support/needs.ts";
import { gpus, nodeWith } from "../support/nodes.ts";
import { overflowOf } from "./editing.ts";
import { chooseFromMenu, press, type } from "./keyboard.ts";

const skipped = missing(findChromium() === null, "chromium", "resource groups in a real browser", "apt-get install chromium");
const clientDirectory = fileURLToPath(new URL("../../client/dist", import.meta.url));

const groupsOf = (page: Page): Locator => page.getByRole("table", { name: "Resource groups" });

describe.skipIf(skipped)("resource groups", { timeout: 120_000 }, () => {
  const opened = new AsyncDisposableStack();
  let api: TestApi;
  let browser: Browser;
  let mine: BrowserWindow;
  let page: Page;

  beforeAll(async () => {
    const half = gpus(2, 24, "L4");
    const nodes = [
      nodeWith({ name: "alpha", nodePool: "gpus", datacenter: "eu-1", nodeClass: "large", devices: [gpus(4)] }),
      nodeWith({
        name: "beta",
        nodePool: "gpus",
        datacenter: "eu-2",
        devices: [{ ...half, instances: half.instances.map((one) => ({ ...one, healthy: one.id === "GPU-0" })) }],
      }),
      nodeWith({ name: "gamma", datacenter: "us-1" }),
    ];
    api = opened.use(await testApi({ nodes: async () => nodes, clientDirectory }));
    await ensureEnvironments(api.database, containerSeeds);
    await api.createFolder("tiny-llama");
    browser = opened.use(await openBrowser());
    mine = await browser.openWindow();
    page = mine.page;
    page.setDefaultTimeout(20_000);
    await page.goto(`${api.url}/cluster#token=${adminToken}`);
    await groupsOf(page).waitFor();
  });
  afterAll(() => opened.disposeAsync());
  beforeEach(() => {
    onTestFailed(() => browser.showFailure("groups", mine));
  });
  const row = (name: string | RegExp) => groupsOf(page).getByRole("row", { name });
  const groups = async (): Promise<Data[]> =>
    (
      await api.ask(
        "{ resourceGroups { name nodePool datacenters nodeClass environments { name } limits { cpu accelerators } acceleratorNames ownImages } }",
      )
    ).data?.["resourceGroups"];

  test("are made with what the cluster has: it is said meanwhile which nodes that is, and what is wrong at its field", async () => {
    await press(page, page.getByRole("button", { name: "Add group" }));
    const dialog = page.getByRole("dialog", { name: "Add a resource group" });
    const has = dialog.getByRole("status", { name: "What the group would have" });
    await has.getByText("Choose a node pool").waitFor();
    await type(page, dialog.getByRole("textbox", { name: "Name" }), "!prod");
    await page.keyboard.press("Tab");
    // Nothing is typed that the cluster knows: the list is all, default, gpus.
    await page.getByRole("option", { name: "gpus" }).waitFor();
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    expect(await dialog.getByLabel("Node pool").inputValue()).toBe("gpus");
    await has
      .getByText("It has 2 nodes now. Free: 16 of 16 cores, 128 of 128 GiB of RAM, 4 of 4 nvidia/gpu/H100 and 1 of 2 nvidia/gpu/L4.")
      .waitFor();

    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await type(page, dialog.getByLabel("Datacenters"), "eu-*");
    await page.keyboard.press("Enter");
    await press(page, dialog.getByRole("button", { name: "Add a constraint" }));
    await dialog.getByLabel("Attribute of constraint 1").focus();
    await type(page, dialog.getByLabel("Attribute of constraint 1"), "meta.rack");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await type(page, dialog.getByLabel("Value of constraint 1"), "a7");
    await browser.shoot(page, "group-dialog");
    await press(page, dialog.getByRole("button", { name: "Add", exact: true }));
    await dialog.getByText("Must be 1 to 63 letters, digits, spaces, dots, hyphens and underscores").waitFor();
    await dialog.getByText("Must be an attribute of nodes, such as ${attr.cpu.arch} or ${meta.rack}.").waitFor();
    await browser.shoot(page, "group-dialog-refused");

    // Where something is wrong, the keyboard is taken there.
    await type(page, dialog.getByRole("textbox", { name: "Name" }), "default");
    await dialog.getByLabel("Attribute of constraint 1").focus();
    await type(page, dialog.getByLabel("Attribute of constraint 1"), "${meta.rack}");
    await page.keyboard.press("Escape");
    await has.getByText("Of which ${meta.rack} = a7 is true, only Nomad knows.").waitFor();
    await press(page, dialog.getByRole("button", { name: "Add", exact: true }));
    await dialog.getByText("There is a resource group default already.").waitFor();
    await type(page, dialog.getByRole("textbox", { name: "Name" }), "prod");
    await page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    await row(/^prod node pool gpus · datacenter eu-\* · \$\{meta\.rack\} = a7 .*2 of 2 16 of 16/).waitFor();
  });

  test("are changed: environments, accelerators, limits and images, and the start form offers what is left", async () => {
    await chooseFromMenu(page, "prod", "Modify");
    const dialog = page.getByRole("dialog", { name: "Modify prod" });
    await dialog.getByRole("button", { name: "Remove constraint ${meta.rack}" }).focus();
    await page.keyboard.press("Enter");
    await dialog.getByRole("combobox", { name: "Environments" }).focus();
    await page.keyboard.insertText("Host");
    await page.getByRole("option", { name: "Host" }).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await dialog.getByRole("radio", { name: "All there are" }).focus();
    await page.keyboard.press("ArrowRight");
    await press(page, dialog.getByRole("button", { name: "Save" }));
    await dialog.getByText("Name at least one, or offer none.").waitFor();
    await type(page, dialog.getByRole("combobox", { name: "Accelerators that are offered" }), "nvidia/gpu/L4");
    await page.keyboard.press("Enter");
    await dialog.getByRole("textbox", { name: "CPU" }).fill("0");
    await dialog.getByRole("switch", { name: "Images by hand" }).focus();
    await page.keyboard.press("Space");
    await press(page, dialog.getByRole("button", { name: "Save" }));
    await dialog.getByText("Must be more than 0.").waitFor();
    await browser.shoot(page, "group-modify");
    await type(page, dialog.getByRole("textbox", { name: "CPU" }), "4");
    await page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    await row(/a route may have 4 CPU · only Host · offers nvidia\/gpu\/L4 · images by hand/).waitFor();
    await browser.shoot(page, "cluster-groups");
    expect((await groups())[1]).toEqual({
      name: "prod",
      nodePool: "gpus",
      datacenters: ["eu-*"],
      nodeClass: null,
      environments: [{ name: "Host" }],
      limits: { cpu: 4, accelerators: null },
      acceleratorNames: ["nvidia/gpu/L4"],
      ownImages: true,
    });
  });

  test("what somebody else changed while the dialog was open stays", async () => {
    await chooseFromMenu(page, "prod", "Modify");
    const dialog = page.getByRole("dialog", { name: "Modify prod" });
    await dialog.waitFor();
    const all: Data[] = (await api.ask("{ resourceGroups { id name } }")).data?.["resourceGroups"];
    const id = all.find(({ name }) => name === "prod")?.["id"];
    await api.change("modifyResourceGroup", { id, limits: { cpu: 4, accelerators: 1 } }, "resourceGroup { id }");
    await row(/4 CPU and 1 accelerator/).waitFor();
    await type(page, dialog.getByRole("textbox", { name: "Name" }), "production");
    await page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    await row(/^production /).waitFor();
    expect((await groups())[1]).toMatchObject({ name: "production", limits: { cpu: 4, accelerators: 1 } });
  });

  test("a service starts in one: the form offers what the group does, counts only what is healthy, and says at its field what is not offered", async () => {
    await page.goto(`${api.url}/services/new`);
    const start = page.getByRole("dialog", { name: "Start service" });
    await start.getByRole("combobox", { name: "Model folder" }).click();
    await page.getByRole("option", { name: "tiny-llama" }).click();
    await start.getByRole("button", { name: "Resource group, environment and resources" }).click();
    await start.getByRole("combobox", { name: "Resource group" }).click();
    await page.getByRole("option", { name: "production" }).click();
    await start.getByText("In production: nvidia/gpu/L4, 1 of 2 free.").waitFor();
    await start.getByRole("button", { name: "Add an accelerator" }).click();
    expect(await start.getByLabel("Name of accelerator 1").inputValue()).toBe("nvidia/gpu/L4");
    await start.getByLabel("Name of accelerator 1").fill("gpu");
    await page.keyboard.press("Escape");
    await start.getByText("Is not offered on resource group production: nvidia/gpu/L4.").waitFor();
    await start.getByLabel("Name of accelerator 1").fill("nvidia/gpu/L4");
    await page.keyboard.press("Escape");
    await start.getByRole("combobox", { name: "Environment" }).click();
    expect(await page.getByRole("option").allInnerTexts()).toEqual(["Host"]);
    await page.keyboard.press("Escape");
    await start.getByRole("status", { name: "Verdict" }).getByText("Fits now").waitFor();
    await start.getByRole("button", { name: "Start", exact: true }).click();
    await page.getByRole("heading", { name: "tiny-llama" }).waitFor();
    expect((await api.ask('{ service(name: "tiny-llama") { revision { resourceGroup { name } } } }')).data).toEqual({
      service: { revision: { resourceGroup: { name: "production" } } },
    });
  });

  test("are deleted while no service is to run on them, and the last one with what that means", async () => {
    await page.getByRole("link", { name: "Cluster" }).click();
    await chooseFromMenu(page, "production", "Delete");
    const dialog = page.getByRole("dialog", { name: "Delete production" });
    await press(page, dialog.getByRole("button", { name: "Delete" }));
    await dialog.getByText("1 service is to run on production: move or terminate it first.").waitFor();
    await browser.shoot(page, "group-delete-refused");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await api.database.sql`update services set terminated_at = now()`;
    await chooseFromMenu(page, "production", "Delete");
    await press(page, dialog.getByRole("button", { name: "Delete" }));
    await dialog.waitFor({ state: "detached" });
    await expect.poll(() => row(/^production/).count()).toBe(0);

    await chooseFromMenu(page, "default", "Delete");
    const last = page.getByRole("dialog", { name: "Delete default" });
    await last.getByText("It is the only one: no service can be started until there is another.").waitFor();
    await press(page, last.getByRole("button", { name: "Delete" }));
    await page.getByText("Until there is one, none can be started.").waitFor();
    await browser.shoot(page, "groups-none");
    expect(mine.problems).toEqual([]);
  });

  test("are seen by members, who change nothing; the dialog fits a phone, in the dark too", async () => {
    const limits = { cpu: 4, memoryGiB: 16 };
    await api.change("createResourceGroup", { name: "edge", nodePool: "gpus", datacenters: ["eu-*"], limits }, "resourceGroup { id }");
    const phone = await browser.openWindow({ width: 390, height: 844, scheme: "dark" });
    phone.page.setDefaultTimeout(20_000);
    await phone.page.goto(`${api.url}/cluster#token=${adminToken}`);
    const menu = phone.page.getByRole("button", { name: "More for edge" });
    await menu.waitFor();
    expect(await overflowOf(phone.page)).toBe(0);
    await browser.shoot(phone.page, "groups-phone");
    await menu.click();
    await phone.page.getByRole("menuitem", { name: "Modify" }).click();
    const dialog = phone.page.getByRole("dialog", { name: "Modify edge" });
    await dialog.getByRole("button", { name: "Add a constraint" }).click();
    await dialog.getByText("It has 2 nodes now.").waitFor();
    expect(await overflowOf(phone.page)).toBe(0);
    await browser.shoot(phone.page, "group-phone");
    const member = await browser.openWindow({ width: 390, height: 844, scheme: "dark" });
    await member.page.goto(`${api.url}/cluster#token=${encodeURIComponent(await api.createOtherUser())}`);
    await groupsOf(member.page).getByRole("row", { name: /^edge/ }).waitFor();
    expect(await member.page.getByRole("button", { name: /group|More for/ }).count()).toBe(0);
    await browser.shoot(member.page, "groups-member-phone");
    for (const { problems } of [phone, member]) expect(problems).toEqual([]);
  });
});
