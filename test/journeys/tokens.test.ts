/** Tokens with limits, and replacing the signing key, in a real Chromium on a real API. */
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { adminToken, testApi } from "../support/api.ts";
import { findChromium, openBrowser } from "../support/browser.ts";
import { missing } from "../support/needs.ts";
import { overflowOf } from "./editing.ts";

const skipped = missing(findChromium() === null, "chromium", "tokens in a real browser", "apt-get install chromium");
const clientDirectory = fileURLToPath(new URL("../../client/dist", import.meta.url));

test.skipIf(skipped)("a token gets its limits when it is created, and others later; what is no limit is said at its field", async () => {
  await using api = await testApi({ clientDirectory });
  const service = await api.createService("chat", await api.createFolder("model"));
  await using browser = await openBrowser();
  const { page, problems } = await browser.openWindow();
  page.setDefaultTimeout(20_000);
  await page.goto(`${api.url}/services/${service.id}#token=${encodeURIComponent(adminToken)}`);
  const tokens = page.getByRole("table", { name: "Tokens" });
  await page.getByRole("button", { name: "Create token" }).click();
  const dialog = page.getByRole("dialog", { name: "Create token" });
  await dialog.getByLabel("Name").fill("partner");
  await dialog.getByLabel("Requests per minute").fill("0");
  await dialog.getByLabel("Requests at once").fill("4");
  await dialog.getByText("A whole number from 1 to 1,000,000, or empty for no limit.").waitFor();
  await dialog.getByLabel("Requests per minute").fill("1200");
  await browser.shoot(page, "token-limits");
  await dialog.getByRole("button", { name: "Create token" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Done" }).click();
  await tokens.getByText("At most 1,200 a minute, 4 at once").waitFor();

  await page.getByRole("button", { name: "Modify partner" }).click();
  const modify = page.getByRole("dialog", { name: "Modify token" });
  await modify.getByLabel("Requests per minute").fill("");
  await modify.getByRole("button", { name: "Save" }).click();
  await tokens.getByText("At most 4 at once").waitFor();
  await browser.shoot(page, "token-list");
  expect(problems).toEqual([]);
});

test.skipIf(skipped)("an administrator replaces the signing key in the settings, which others do not see", async () => {
  await using api = await testApi({ clientDirectory });
  const member = await api.createOtherUser();
  await using browser = await openBrowser();
  const mine = await browser.openWindow({ scheme: "dark" });
  const phone = await browser.openWindow({ width: 390, height: 844 });
  const theirs = await browser.openWindow();
  for (const [{ page }, token] of [
    [mine, adminToken],
    [phone, adminToken],
    [theirs, member],
  ] as const) {
    page.setDefaultTimeout(20_000);
    await page.goto(`${api.url}/settings#token=${encodeURIComponent(token)}`);
  }
  const { page } = mine;
  const list = page.getByRole("table", { name: "Signing keys" });
  await list.getByRole("row", { name: /key-1 .*Signs/ }).waitFor();
  await page.getByRole("button", { name: "Replace the key" }).click();
  const dialog = page.getByRole("dialog", { name: "Replace the signing key" });
  await dialog.getByText("nobody notices anything").waitFor();
  await dialog.getByRole("combobox", { name: "The keys before it retire" }).click();
  await page.getByRole("option", { name: "In 30 days" }).click();
  await dialog.getByText("stay good for 30 days").waitFor();
  await browser.shoot(page, "replace-key");
  await dialog.getByRole("button", { name: "Replace the key" }).click();
  await list.getByRole("row", { name: /key-1 .*Verifies/ }).waitFor();
  await list.getByRole("row", { name: /key-[0-9a-f]{12} .*Signs/ }).waitFor();
  await browser.shoot(page, "signing-keys");
  await phone.page.getByRole("table", { name: "Signing keys" }).waitFor();
  expect(await overflowOf(phone.page)).toBe(0);
  await browser.shoot(phone.page, "signing-keys-phone");

  await theirs.page.getByText("Only for administrators").waitFor();
  expect(await theirs.page.getByRole("link", { name: "Settings" }).count()).toBe(0);
  for (const { problems } of [mine, theirs, phone]) expect(problems).toEqual([]);
});
