/** A resource group that was made in the console, on a real Nomad of two machines, and a service that runs in it. */
import { expect, onTestFailed, test } from "vitest";
import { guideDefinition } from "../support/api.ts";
import { findChromium, openBrowser } from "../support/browser.ts";
import { testDatabase } from "../support/database.ts";
import { graphqlOf, type Fields } from "../support/graphql.ts";
import { missing } from "../support/needs.ts";
import { findNomad, startNomad } from "../support/nomad.ts";
import { startSerai } from "../support/serai.ts";
import { soonMs } from "./editing.ts";
import { press, type } from "./keyboard.ts";
import { patience } from "./service-of.ts";

const what = "a service in a resource group made by hand";
const skipped =
  missing(findNomad() === null, "nomad", what, "sh test/nomad/build.sh (needs Go)") ||
  missing(findChromium() === null, "chromium", what, "apt-get install chromium");

test.skipIf(skipped)(
  "a group that was made by hand, of one machine by its name, has the service that is started in it on that machine",
  async () => {
    await using database = await testDatabase();
    await using nomad = await startNomad({ clients: 2 });
    await using serai = await startSerai({ env: { SERAI_EXAMPLES: "0", DATABASE_URL: database.url, NOMAD_ADDR: nomad.address } });
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
    await type(page, dialog.getByLabel("Node pool"), "all");
    await page.keyboard.press("Tab");
    await dialog.getByText("It has 2 nodes now.").waitFor();
    await press(page, dialog.getByRole("button", { name: "Add a constraint" }));
    await dialog.getByLabel("Attribute of constraint 1").focus();
    await page.keyboard.insertText("${node.unique.name}");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await type(page, dialog.getByLabel("Value of constraint 1"), "node-2");
    await dialog.getByText("It has 1 node now.").waitFor();
    await press(page, dialog.getByRole("button", { name: "Add", exact: true }));
    await page.getByRole("article", { name: "Node node-2" }).getByText("in default, by hand").waitFor();
    await page.getByRole("article", { name: "Node node-1" }).getByText("in default ·").waitFor();

    await page.goto(`${serai.url}services/new`);
    const start = page.getByRole("dialog", { name: "Start service" });
    await start.getByRole("textbox", { name: "Service name" }).fill("models");
    await start.getByRole("combobox", { name: "Model folder" }).click();
    await page.getByRole("option", { name: "models" }).click();
    await start.getByRole("button", { name: "Resource group, environment and resources" }).click();
    await start.getByRole("combobox", { name: "Resource group" }).click();
    await page.getByRole("option", { name: "by hand" }).click();
    await start.getByRole("button", { name: "Start", exact: true }).click();
    const read = () => api.ask('{ service(name: "models") { status routes { node } } }').catch(() => null);
    await expect.poll(read, patience).toEqual({ service: { status: "HEALTHY", routes: [{ node: "node-2" }] } });
    expect(mine.problems).toEqual([]);
  },
  120_000,
);
