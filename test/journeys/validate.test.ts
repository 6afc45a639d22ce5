/** Validating from the dialogs, in a real Chromium against a really running Serai. */
import { describe, expect, test } from "vitest";
import { findChromium, openBrowser } from "../support/browser.ts";
import { graphqlOf } from "../support/graphql.ts";
import { missing } from "../support/needs.ts";
import { startSerai } from "../support/serai.ts";

const skipped = missing(findChromium() === null, "chromium", "validating in a real browser", "apt-get install chromium");
const definitionOf = (command: string): string =>
  `models:\n  - name: m\n    model_path: /models\n    service:\n      start_command: ${command}\n      port: 8000\n`;

describe.skipIf(skipped)("the dialogs to start and to modify a service", () => {
  test("say of a validation how far it is and how it went, before any service is made or changed", async () => {
    await using serai = await startSerai({ env: { SERAI_EXAMPLES: "0" } });
    await using api = graphqlOf(serai);
    const files = { works: definitionOf('[python, -m, http.server, "8000"]'), exits: definitionOf('sh -c "echo the model is missing >&2; exit 3"') };
    for (const [name, content] of Object.entries(files)) {
      const { folder } = (await api.wish("createFolder", { name, usage: "MODEL" }, "folder { id }")) as { folder: { id: string } };
      await api.wish("writeFile", { folderId: folder.id, path: "model-definition.yml", content }, "file { path }");
    }
    await using browser = await openBrowser();
    const { page, problems } = await browser.openWindow();
    page.setDefaultTimeout(45_000);
    await page.goto(serai.signInUrl);
    await page.getByRole("button", { name: "Start service" }).first().click();
    const validation = page.getByRole("region", { name: "Validation" });
    await validation.getByRole("button", { name: "Validate" }).click();
    await page.getByText("Choose the folder that holds the model").waitFor();
    await expect.poll(() => page.locator("[aria-invalid=true]:focus").count(), { timeout: 15_000 }).toBe(1);

    const choose = async (folder: string): Promise<void> => {
      await page.getByRole("combobox", { name: "Model folder" }).click();
      await page.getByRole("option", { name: folder }).click();
      await validation.getByRole("button", { name: "Validate" }).click();
    };
    await choose("exits");
    await validation.getByText("Failed", { exact: true }).waitFor();
    await validation.getByText("The start command exited with code 3").waitFor();
    await validation.locator("pre").getByText("the model is missing").waitFor();
    await choose("works");
    await validation.getByText("Passed", { exact: true }).waitFor();
    await validation.getByText("Its first health check passed after").waitFor();
    await validation.getByRole("list", { name: "Launch" }).getByText("First health check").waitFor();
    await browser.shoot(page, "validated");
    expect((await api.ask("{ services { edges { node { name } } } }"))["services"]).toEqual({ edges: [] });

    // Of a service that there is: what is changed in the form is tried, and nothing of the service is touched.
    await page.getByRole("button", { name: "Start", exact: true }).click();
    await page.locator("[data-size=large][data-status=HEALTHY]").waitFor();
    const facts = '{ service(name: "works") { revision { number } routes { id status } events(last: 1) { edges { cursor } } } }';
    const before = await api.ask(facts);
    await page.getByRole("button", { name: "Modify", exact: true }).click();
    await page.getByRole("button", { name: "Resource group, environment and resources" }).click();
    await page.getByLabel("CPU").fill("0.2");
    await validation.getByRole("button", { name: "Validate" }).click();
    await validation.getByText("Passed", { exact: true }).waitFor();
    await validation.getByRole("list", { name: "Launch" }).getByText("First health check").waitFor();
    // What came of it is in sight, above the foot of the dialog.
    const bottom = () => validation.getByRole("list", { name: "Launch" }).evaluate((list) => list.getBoundingClientRect().bottom);
    const foot = await page.getByRole("status", { name: "Verdict" }).evaluate((shown) => shown.getBoundingClientRect().top);
    await expect.poll(bottom, { timeout: 15_000 }).toBeLessThan(foot);
    await browser.shoot(page, "validated-modification");
    await choose("exits");
    await validation.getByText("Failed", { exact: true }).waitFor();
    await validation.getByText("The start command exited with code 3").waitFor();
    await page.getByLabel("CPU").fill("0.3");
    await validation.getByText("That was before the last changes here.").waitFor();
    expect(await api.ask(facts)).toEqual(before);
    expect(problems).toEqual([]);
  }, 120_000);
});
