/**
 * The story of a new user in a real Chromium against a really running Serai. Two windows look at the same services; what
 * happens in one is awaited in the other, and no page is ever loaded again. The tests are one story: each begins where the
 * one before it ended.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFailed, test } from "vitest";
import { findChromium, openBrowser, type Browser, type BrowserWindow } from "../support/browser.ts";
import { missing } from "../support/needs.ts";
import { startSerai } from "../support/serai.ts";
import { typeAll } from "./editing.ts";

const soonMs = 45_000;
const skipped = missing(findChromium() === null, "chromium", "the console in a real browser", "apt-get install chromium");

describe.skipIf(skipped)("the console", () => {
  let serai: Awaited<ReturnType<typeof startSerai>>;
  let browser: Browser;
  let mine: BrowserWindow;
  let other: BrowserWindow;

  beforeAll(async () => {
    serai = await startSerai();
    browser = await openBrowser();
    mine = await browser.openWindow();
    other = await browser.openWindow({ scheme: "dark" });
    for (const { page } of [mine, other]) page.setDefaultTimeout(soonMs);
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await serai?.[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    onTestFailed(() => browser.showFailure("console", mine, other));
  });

  test("asks for the token without a session, and says where to find it", async () => {
    await mine.page.goto(serai.url);
    await mine.page.getByLabel("Token", { exact: true }).fill("wrong");
    await mine.page.getByRole("button", { name: "Sign in" }).click();
    await mine.page.locator("[aria-invalid=true]").waitFor();
    await mine.page.getByText("admin-token").waitFor();
    await browser.shoot(mine.page, "sign-in");
  });

  test("signs in by the printed link and takes the token out of the address", async () => {
    for (const { page } of [mine, other]) {
      await page.goto(serai.signInUrl);
      await page.getByRole("heading", { name: "Services" }).waitFor();
      expect(page.url()).not.toContain("token");
      await page.getByText("live", { exact: true }).waitFor();
    }
  });

  test("shows the example becoming HEALTHY without a reload", async () => {
    for (const { page } of [mine, other]) await rowOf(page, "simple-http-server").locator("[data-status=HEALTHY]").waitFor();
    await browser.shoot(mine.page, "services-light");
    await browser.shoot(other.page, "services-dark");
  });

  test("a part whose code does not arrive is asked for again, and says so where it never does", async () => {
    const { page } = other;
    const settings = page.getByRole("link", { name: "Settings" });
    await page.route("**/assets/settings-page-*.js", (route) => route.abort(), { times: 1 });
    await settings.click();
    await page.getByRole("heading", { name: "Settings" }).waitFor();
    await page.route("**/assets/explorer-page-*.js", (route) => route.abort());
    await page.getByRole("link", { name: "Data & Folders" }).click();
    await rowOf(page, "simple-http-server").getByRole("link").first().click();
    await page.getByText("This part of the console could not be loaded").waitFor();
    await browser.shoot(page, "part-not-loaded");
    await page.unroute("**/assets/explorer-page-*.js");
    await page.getByRole("button", { name: "Load the page again" }).click();
    await page.getByRole("grid").waitFor();
    await page.getByRole("link", { name: "Services" }).click();
    await rowOf(page, "simple-http-server").waitFor();
  });

  test("makes a model folder and writes the guide's definition into it, checked while it is typed", async () => {
    const { page } = mine;
    await page.getByRole("link", { name: "Data & Folders" }).click();
    await page.getByRole("button", { name: "Create folder" }).click();
    await page.getByLabel("Folder name").fill("hello");
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await rowOf(page, "hello").getByRole("link", { name: "Write definition" }).click();
    await typeAll(page, brokenDefinition);
    await page.getByText(/^Line 6, column/).waitFor();
    await browser.shoot(page, "definition-problem");
    await typeAll(page, "");
    await page.getByRole("button", { name: "Insert the guide" }).click();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("model-definition.yml was saved in hello.").waitFor();
  });

  test("starts a service with a name and a folder, keeps what was typed, and shows it become HEALTHY in both windows", async () => {
    const { page } = mine;
    await page.getByRole("link", { name: "Services", exact: true }).click();
    await page.getByRole("button", { name: "Start service" }).click();
    expect(new URL(page.url()).pathname).toBe("/services/new");
    const name = page.getByLabel("Service name");
    await name.fill("Hello");
    await name.blur();
    await page.getByText("Only lower-case letters, digits and hyphens.").waitFor();
    await name.fill("simple-http-server");
    await page.getByRole("combobox", { name: "Model folder" }).click();
    await page.getByRole("option", { name: "hello" }).click();
    await page.getByRole("button", { name: "Start", exact: true }).click();
    await page
      .getByRole("dialog")
      .getByText(/simple-http-server.*(exists|taken|already)/)
      .waitFor();
    // It stands at the name, not only above, and goes away with that name.
    await page.locator("[aria-invalid=true]:focus").waitFor();
    expect(await name.getAttribute("aria-invalid")).toBe("true");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Start service" }).click();
    expect(await name.inputValue()).toBe("simple-http-server");
    await name.fill("hello");
    expect(await page.locator("[aria-invalid=true]").count()).toBe(0);
    await browser.shoot(page, "start");
    await page.getByRole("button", { name: "Start", exact: true }).click();

    await page.getByRole("heading", { name: "hello", exact: true }).waitFor();
    await page.locator("[data-size=large][data-status=HEALTHY]").waitFor();
    await rowOf(other.page, "hello").locator("[data-status=HEALTHY]").waitFor();
  });

  test("gives every status of the route, in order, as its history", async () => {
    const events = mine.page.getByRole("region", { name: "Events" });
    await events.locator("[data-status=HEALTHY]").waitFor();
    const statuses = await events.locator("[data-status]").evaluateAll((marks) => marks.map((mark) => mark.getAttribute("data-status")));
    expect(statuses.toReversed()).toEqual(["PENDING", "SCHEDULING", "PREPARING", "WARMING_UP", "HEALTHY"]);
  });

  test("creates a token whose commands, pasted into a shell, are answered; copies it again from the list", async () => {
    const { page } = mine;
    await other.page.getByRole("link", { name: "hello", exact: true }).click();
    await page.getByRole("button", { name: "Create token" }).click();
    await page.getByLabel("Name", { exact: true }).fill("app");
    await browser.shoot(page, "create-token");
    await page.getByRole("dialog").getByRole("button", { name: "Create token" }).click();
    await page.getByRole("button", { name: "Copy commands" }).click();
    const commands = await clipboardOf(page);
    expect(await statusOfCommands(commands)).toBe("200");
    await page.getByRole("button", { name: "Done" }).click();

    await rowOf(other.page, "app").getByText("Valid").waitFor();
    await rowOf(page, "app").getByRole("button", { name: "Copy token app" }).click();
    await rowOf(page, "app").getByRole("button", { name: "Copied token app" }).waitFor();
    const endpoint = await page.getByRole("region", { name: "Endpoint" }).getByRole("link").innerText();
    const answer = await fetch(endpoint, { headers: { authorization: `BackendAI ${await clipboardOf(page)}` } });
    expect(answer.status).toBe(200);
    await browser.shoot(page, "service-light");
    await browser.shoot(other.page, "service-dark");
  });

  test("revokes a token after saying who will notice, and shows it in both windows", async () => {
    const { page } = mine;
    const authorization = `BackendAI ${await clipboardOf(page)}`;
    const endpoint = await page.getByRole("region", { name: "Endpoint" }).getByRole("link").innerText();
    await rowOf(page, "app").getByRole("button", { name: "Revoke app" }).click();
    await page.getByRole("dialog").getByText("is answered 401").waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
    for (const window of [mine, other]) await rowOf(window.page, "app").getByText("Revoked").waitFor();
    await expect.poll(async () => (await fetch(endpoint, { headers: { authorization } })).status, { timeout: soonMs }).toBe(401);
  });

  test("shows where a definition is broken, and serves once it was written anew from there", async () => {
    const { page } = mine;
    await page.getByRole("link", { name: "Data & Folders" }).click();
    await page.getByRole("button", { name: "Create folder" }).click();
    await page.getByLabel("Folder name").fill("broken");
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await rowOf(page, "broken").getByRole("link", { name: "Write definition" }).click();
    await typeAll(page, brokenDefinition);
    await page.getByRole("button", { name: "Save anyway" }).click();
    await page.getByText("model-definition.yml was saved in broken.").waitFor();
    await page.goto(`${serai.url}services/new`);
    await page.getByLabel("Service name").fill("broken");
    await page.getByRole("combobox", { name: "Model folder" }).click();
    await page.getByRole("option", { name: "broken" }).click();
    await page.getByRole("button", { name: "Start", exact: true }).click();
    await page.locator("[data-size=large][data-status=UNHEALTHY]").waitFor();
    await browser.shoot(page, "service-broken");
    await page.getByRole("link", { name: /^Line 6, column/ }).click();
    await typeAll(page, "");
    await page.getByRole("button", { name: "Insert the guide" }).click();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByRole("button", { name: "Roll out" }).click();
    await page.getByRole("complementary", { name: "What it means" }).getByRole("link", { name: "broken" }).click();
    await page.locator("[data-size=large][data-status=HEALTHY]").waitFor();
  });

  test("fits a phone: no page is wider than 390 px", async () => {
    const phone = await browser.openWindow({ width: 390, height: 844 });
    const { page } = phone;
    page.setDefaultTimeout(soonMs);
    await page.goto(serai.signInUrl);
    await rowOf(page, "hello").waitFor();
    await browser.shoot(page, "services-phone");
    expect(await overflowOf(page)).toBe(0);
    await page.getByRole("link", { name: "hello", exact: true }).click();
    await page.getByRole("region", { name: "Events" }).locator("[data-status=HEALTHY]").waitFor();
    await browser.shoot(page, "service-phone");
    expect(await overflowOf(page)).toBe(0);
    await page.getByRole("link", { name: "Data & Folders" }).click();
    await rowOf(page, "hello").waitFor();
    expect(await overflowOf(page)).toBe(0);
    expect(phone.problems).toEqual([]);
  });

  test("says how old the data is when its connection is gone, and is live again by itself", async () => {
    const { page } = await browser.openWindow();
    page.setDefaultTimeout(soonMs);
    const cut: { (): void }[] = [];
    let down = false;
    await page.routeWebSocket(/\/graphql$/, (socket) => {
      if (down) return void socket.close({ code: 1011 });
      socket.connectToServer();
      cut.push(() => void socket.close({ code: 1011 }));
    });
    await page.goto(serai.signInUrl);
    await rowOf(page, "hello").waitFor();
    down = true;
    for (const close of cut) close();
    await page.getByText(/data \d+ s old/).waitFor();
    await rowOf(page, "hello").waitFor();
    down = false;
    await page.getByText("live", { exact: true }).waitFor();
    await rowOf(page, "hello").locator("[data-status=HEALTHY]").waitFor();
  });

  test("says the same in the frame and on the page while Serai does not answer, and keeps what it knew", async () => {
    const { page } = await browser.openWindow();
    page.setDefaultTimeout(soonMs);
    await page.goto(serai.signInUrl);
    await page.getByRole("link", { name: "Data & Folders" }).click();
    await page.getByText("live", { exact: true }).waitFor();
    await page.route(/\/graphql$/, (route) => route.abort());
    await page.getByText("This page is not live right now. Serai cannot be reached right now. It is tried again every few seconds.").waitFor();
    await page.getByText("reconnecting", { exact: true }).waitFor();
    await page.getByText(/^Project /).waitFor();
    await page.unroute(/\/graphql$/);
    await page.getByText("live", { exact: true }).waitFor();
    await page.getByText("This page is not live right now").waitFor({ state: "detached" });
    await page.getByText(/^Project /).waitFor();
  });

  test("terminates only after the name was typed; then the service leaves every list", async () => {
    const { page } = mine;
    await page.getByRole("link", { name: "Services", exact: true }).first().click();
    await other.page.getByRole("link", { name: "Services", exact: true }).first().click();
    await rowOf(page, "hello").getByRole("button", { name: "Terminate hello" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(/^Type hello/).fill("hell");
    expect(await dialog.getByRole("button", { name: "Terminate" }).isDisabled()).toBe(true);
    await browser.shoot(page, "terminate");
    await dialog.getByLabel(/^Type hello/).fill("hello");
    await dialog.getByRole("button", { name: "Terminate" }).click();
    // A row that goes away waits for the pointer to leave the list.
    await page.mouse.move(0, 0);
    for (const window of [mine, other]) await rowOf(window.page, "hello").waitFor({ state: "detached" });
  });

  test("ran no script that failed, and needed nothing that the server's policy forbids", () => {
    expect([...mine.problems, ...other.problems]).toEqual([]);
  });
});

const brokenDefinition = "models:\n  - name: hello\n    model_path: /models\n    service:\n      start_command: [python]\n      port: none\n";

const rowOf = (page: Page, name: string) => page.getByRole("row").filter({ has: page.getByText(name, { exact: true }) });
const clipboardOf = (page: Page): Promise<string> => page.evaluate("navigator.clipboard.readText()");
const overflowOf = (page: Page): Promise<number> => page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");

/** Runs what the console offers to copy, with curl asked for the status alone. */
async function statusOfCommands(commands: string): Promise<string> {
  const { stdout } = await promisify(execFile)("sh", ["-c", `${commands} --silent --output /dev/null --write-out '%{http_code}'`]);
  return stdout;
}
