/** The catalogue of environments in a real Chromium: administrators keep it, and whoever starts a service chooses from it. */
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { containerSeeds } from "../../server/model/environment-seeds.ts";
import { ensureEnvironments } from "../../server/store/environments.ts";
import { adminToken, testApi, type Data, type TestApi } from "../support/api.ts";
import { findChromium, openBrowser, type Browser, type BrowserWindow } from "../support/browser.ts";
import { missing } from "../support/needs.ts";
import { gpus, nodeWith } from "../support/nodes.ts";
import { overflowOf } from "./editing.ts";

const skipped = missing(findChromium() === null, "chromium", "environments in a real browser", "apt-get install chromium");
const clientDirectory = fileURLToPath(new URL("../../client/dist", import.meta.url));

describe.skipIf(skipped)("the catalogue", () => {
  const opened = new AsyncDisposableStack();
  let api: TestApi;
  let browser: Browser;
  let mine: BrowserWindow;
  let phone: BrowserWindow;
  let theirs: BrowserWindow;
  let page: Page;
  beforeAll(async () => {
    api = opened.use(await testApi({ clientDirectory, nodes: async () => [nodeWith({ devices: [gpus(2, 80, "H100")] })] }));
    await ensureEnvironments(api.database, containerSeeds);
    await api.createFolder("tiny-llama", null);
    const member = await api.createOtherUser();
    browser = opened.use(await openBrowser());
    mine = await browser.openWindow();
    phone = await browser.openWindow({ width: 390, height: 844, scheme: "dark" });
    theirs = await browser.openWindow();
    page = mine.page;
    for (const [window, token] of [
      [mine, adminToken],
      [phone, adminToken],
      [theirs, member],
    ] as const) {
      window.page.setDefaultTimeout(20_000);
      await window.page.goto(`${api.url}/#token=${encodeURIComponent(token)}`);
      await window.page.getByText("No service yet").waitFor();
    }
  });
  afterAll(() => opened.disposeAsync());

  test("is kept by administrators: versions are made, changed, made the default and deleted", async () => {
    await theirs.page.goto(`${api.url}/settings/environments`);
    await theirs.page.getByText("Only for administrators").waitFor();

    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByRole("region", { name: "Environments" }).getByRole("link", { name: "Open" }).click();
    const table = page.getByRole("table", { name: "Environments" });
    const row = (name: string | RegExp) => table.getByRole("row", { name });
    await row(/^vLLM 0\.28\.0 .*vllm\/vllm-openai:v0\.28\.0.* 1 CPU, 8 GiB of RAM and 1 nvidia\/gpu .* Port 8000, \/health 0/).waitFor();
    await browser.shoot(page, "environments");

    // Another version begins as a copy of one; what is wrong with it is said at its field.
    const more = async (name: string, item: string) => {
      await page.getByRole("button", { name: `More for ${name}` }).click();
      await page.getByRole("menuitem", { name: item }).click();
    };
    await more("vLLM 0.28.0", "Add another version");
    const dialog = page.getByRole("dialog", { name: "Add an environment" });
    await dialog.getByLabel("Version").fill("ours");
    await dialog.getByLabel("Image").fill("Not An Image");
    await dialog.getByLabel("Runs as").fill("no body");
    await dialog.getByLabel("RAM, Usually gets").fill("4");
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    await dialog.getByText("Must be an image, as in").waitFor();
    await dialog.getByText("Must be 8 GiB or more: the environment needs that.").waitFor();
    await dialog.getByText("Must be a user, by name or number, or user:group.").waitFor();
    await browser.shoot(page, "environment-dialog");
    await dialog.getByLabel("Name of accelerator 1, Usually gets").click();
    expect(await page.getByRole("option").allInnerTexts()).toEqual(["gpu", "nvidia/gpu", "nvidia/gpu/H100"]);
    await page.keyboard.press("Escape");
    await dialog.getByLabel("Runs as").fill("1000:1000");
    await dialog.getByLabel("Read-only root").check();
    await dialog.getByLabel("Image").fill("registry.example.com/vllm:ours");
    await dialog.getByLabel("RAM, Usually gets").fill("16");
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    await row(/^vLLM ours registry\.example\.com\/vllm:ours Read-only root and runs as 1000:1000/).waitFor();

    // So does what an image allows; of the machine's own programs something else is asked.
    await more("vLLM ours", "Add another version");
    expect(await dialog.getByLabel("Read-only root").isChecked()).toBe(true);
    await dialog.getByLabel("Version").fill("on the machine");
    await dialog.getByLabel("Image").fill("");
    await dialog.getByLabel("Isolated").check();
    await dialog.getByLabel("Runs as").fill("");
    await browser.shoot(page, "environment-isolated");
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    await dialog.getByText("Must have no gpu of nvidia's and none of just any maker's: the environment is isolated").waitFor();
    for (const of of ["Needs at least", "Usually gets"]) await dialog.getByRole("button", { name: `Remove accelerator nvidia/gpu, ${of}` }).click();
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    await row(/^vLLM on the machine The machine’s own programs Isolated/).waitFor();

    // What is not changed is not sent: what only the API can say, stays.
    const all: Data[] = (await api.ask("{ environments { id name } }")).data?.["environments"];
    const id = all.find(({ name }) => name === "vLLM ours")?.["id"];
    const accelerators = [{ name: "nvidia/gpu", count: 1, memoryGiB: 40 }];
    await api.change("modifyEnvironment", { id, usualResources: { accelerators } }, "environment { id }");
    await more("vLLM ours", "Modify");
    const modifying = page.getByRole("dialog", { name: "Modify vLLM ours" });
    await modifying.getByLabel("RAM, Needs at least").fill("10");
    await modifying.getByRole("button", { name: "Save" }).click();
    await row(/^vLLM ours .* 1 CPU, 10 GiB of RAM and 1 nvidia\/gpu/).waitFor();
    const kept = (await api.ask(`{ node(id: "${id}") { ... on Environment { usualResources { accelerators { memoryGiB } } } } }`)).data?.["node"];
    expect(kept.usualResources.accelerators).toEqual([{ memoryGiB: 40 }]);

    await more("vLLM ours", "Make it the default");
    await row(/^vLLM ours default/).waitFor();
    await more("vLLM 0.11.0", "Delete");
    await page.getByRole("dialog", { name: "Delete vLLM 0.11.0" }).getByRole("button", { name: "Delete" }).click();
    await expect.poll(() => row(/^vLLM 0\.11\.0/).count()).toBe(0);
    await phone.page.goto(`${api.url}/settings/environments`);
    await phone.page.getByText("vLLM ours").waitFor();
    expect(await overflowOf(phone.page)).toBe(0);
    await browser.shoot(phone.page, "environments-phone");
  });

  test("is chosen from, and a folder without a definition is served by what was chosen", async () => {
    await page.getByRole("link", { name: "Services" }).click();
    await page.getByRole("button", { name: "Start service" }).click();
    const start = page.getByRole("dialog", { name: "Start service" });
    await start.getByRole("combobox", { name: "Model folder" }).click();
    await page.getByRole("option", { name: "tiny-llama" }).click();
    await start
      .getByText("No model-definition.yml is needed: vLLM ours serves the folder by its own command. Callers name the model tiny-llama.")
      .waitFor();
    await start.getByRole("button", { name: "Resource group, environment and resources" }).click();
    await start.getByText("Each route needs at least 1 CPU, 10 GiB of RAM and 1 nvidia/gpu.").waitFor();
    await start.getByText("Unless you add some, a route gets 1 nvidia/gpu, as is usual in vLLM ours.").waitFor();
    expect(await start.getByLabel("RAM").getAttribute("placeholder")).toBe("Default: 16");
    await browser.shoot(page, "environment-choice");
    await phone.page.goto(`${api.url}/services/new`);
    await phone.page.getByText("Choose a model folder, and it is said here").waitFor();
    await phone.page.getByRole("button", { name: "Resource group, environment and resources" }).click();
    await phone.page.getByText("Each route needs at least").scrollIntoViewIfNeeded();
    expect(await overflowOf(phone.page)).toBe(0);
    await browser.shoot(phone.page, "environment-choice-phone");

    await start.getByRole("combobox", { name: "Environment" }).click();
    await page.getByRole("option", { name: "Python 3.13" }).click();
    await start.getByText("the service would be unhealthy until there is").waitFor();
    await start.getByText("choose an environment that serves without one: vLLM, TGI and 4 more").waitFor();
    await start.getByRole("combobox", { name: "Environment" }).click();
    await page.getByRole("option", { name: "vLLM 0.28.0" }).click();
    await start.getByLabel("RAM").fill("4");
    await start.getByText("Must be 8 GiB or more: vLLM 0.28.0 needs that.").waitFor();
    await start.getByRole("button", { name: "Take what is usual" }).click();
    expect(await start.getByLabel("RAM").inputValue()).toBe("32");
    await start.getByRole("button", { name: "Start", exact: true }).click();
    await page.getByRole("heading", { name: "tiny-llama" }).waitFor();
    await page.getByText("vLLM 0.28.0 vllm/vllm-openai:v0.28.0").waitFor();
    for (const { problems } of [mine, phone, theirs]) expect(problems).toEqual([]);
  });
});
