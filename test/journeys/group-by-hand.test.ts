/** A resource group that was made in the console of a really running Serai, and a service that runs in it. */
import { expect, onTestFailed, test } from "vitest";
import { guideDefinition } from "../support/api.ts";
import { findChromium, openBrowser } from "../support/browser.ts";
import { graphqlOf, type Fields } from "../support/graphql.ts";
import { missing } from "../support/needs.ts";
import { startSerai } from "../support/serai.ts";
import { soonMs } from "./editing.ts";
import { press, type } from "./keyboard.ts";
import { patience } from "./service-of.ts";

const skipped = missing(findChromium() === null, "chromium", "a service in a resource group made by hand", "apt-get install chromium");

test.skipIf(skipped)(
  "a group that was made by hand takes a service that really runs in it, and the machine is said to be in both",
  async () => {
    await using serai = await startSerai({ env: { SERAI_EXAMPLES: "0" } });
    await using api = graphqlOf(serai);
    const { folder } = (await api.wish("createFolder", { name: "models", usage: "MODEL" }, "folder { id }")) as { folder: Fields };
    await api.wish("writeFile", { folderId: folder["id"], path: "model-definition.yml", content: guideDefinition }, "file { path }");
    await using browser = await openBrowser();
    const mine = await browser.openWindow();
    onTestFailed(() => browser.showFailure("group", mine));
    const { page } = mine;
    page.setDefaultTimeout(soonMs);
    await page.goto(serai.signInUrl);
    await page.getByRole("link", { name: "Cluster" }).click();
    await press(page, page.getByRole("button", { name: "Add group" }));
    const dialog = page.getByRole("dialog", { name: "Add a resource group" });
    await type(page, dialog.getByRole("textbox", { name: "Name" }), "by hand");
    await page.keyboard.press("Tab");
    await type(page, dialog.getByLabel("Node pool"), "default");
    await page.keyboard.press("Tab");
    await dialog.getByText("It has 1 node now.").waitFor();
    await press(page, dialog.getByRole("button", { name: "Add", exact: true }));
    await page.getByRole("article").getByText("in default, by hand").waitFor();

    await page.goto(`${serai.url}services/new`);
    const start = page.getByRole("dialog", { name: "Start service" });
    await start.getByRole("textbox", { name: "Service name" }).fill("models");
    await start.getByRole("combobox", { name: "Model folder" }).click();
    await page.getByRole("option", { name: "models" }).click();
    await start.getByRole("button", { name: "Resource group, environment and resources" }).click();
    await start.getByRole("combobox", { name: "Resource group" }).click();
    await page.getByRole("option", { name: "by hand" }).click();
    await start.getByRole("button", { name: "Start", exact: true }).click();
    const read = () => api.ask('{ service(name: "models") { status revision { resourceGroup { name } } } }').catch(() => null);
    await expect.poll(read, patience).toEqual({ service: { status: "HEALTHY", revision: { resourceGroup: { name: "by hand" } } } });
    expect(mine.problems).toEqual([]);
  },
  120_000,
);
