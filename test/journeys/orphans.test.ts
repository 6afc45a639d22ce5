/** What an administrator is told of sessions that belong to no route, in a real Chromium on a real API whose database the test writes. */
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { adminToken, testApi } from "../support/api.ts";
import { findChromium, openBrowser } from "../support/browser.ts";
import { missing } from "../support/needs.ts";
import { overflowOf } from "./editing.ts";

const skipped = missing(findChromium() === null, "chromium", "orphans in a real browser", "apt-get install chromium");
const clientDirectory = fileURLToPath(new URL("../../client/dist", import.meta.url));

test.skipIf(skipped)("sessions of no route are listed to administrators, by themselves, and stopped only when they confirm it", async () => {
  await using api = await testApi({ clientDirectory });
  const { sql } = api.database;
  const orphan = (place: number) => ({
    sessionId: `ses_${place}0rphan0rphan0rphan0`,
    since: new Date(Date.now() - 3_600_000).toISOString(),
    node: place === 0 ? null : `machine-${place % 2}`,
    serviceName: place === 1 ? null : "chat",
  });
  const orphans = Array.from({ length: 7 }, (_, place) => orphan(place));
  const member = await api.createOtherUser();
  await using browser = await openBrowser();
  const mine = await browser.openWindow();
  const theirs = await browser.openWindow({ scheme: "dark" });
  const phone = await browser.openWindow({ width: 390, height: 844 });
  const windows = [
    [mine, adminToken],
    [theirs, member],
    [phone, adminToken],
  ] as const;
  for (const [{ page }, token] of windows) {
    page.setDefaultTimeout(20_000);
    await page.goto(`${api.url}/#token=${encodeURIComponent(token)}`);
    await page.getByText("No service yet").waitFor();
  }
  const { page } = mine;
  expect(await page.getByText("belong to no route").count()).toBe(0);
  await sql`update installation set orphans = ${JSON.stringify(orphans)}::text::jsonb`;
  await page.getByText("7 sessions run that belong to no route of any service.").waitFor();
  await page.getByRole("button", { name: "Look at them" }).click();
  const list = page.getByRole("table", { name: "Sessions of no route" });
  expect(await list.getByRole("row").count()).toBe(8);
  await list.getByRole("row", { name: /ses_10rpha .*Not known machine-1 1 h ago/ }).waitFor();
  await list.getByRole("row", { name: /ses_00rpha .*chat Not placed 1 h ago/ }).waitFor();
  await browser.shoot(page, "orphans");

  await phone.page.getByRole("button", { name: "Look at them" }).click();
  await phone.page.getByRole("table", { name: "Sessions of no route" }).waitFor();
  expect(await overflowOf(phone.page)).toBe(0);
  await browser.shoot(phone.page, "orphans-phone");
  // Others than administrators are not told, and cannot do anything about it.
  expect(await theirs.page.getByText("belong to no route").count()).toBe(0);

  await page.getByRole("button", { name: "Stop them" }).click();
  const asking = page.getByRole("dialog", { name: "Stop 7 sessions" });
  await asking.getByText("it cannot be undone").waitFor();
  await browser.shoot(page, "orphans-confirm");
  await sql`update installation set orphans = ${JSON.stringify(orphans.slice(1))}::text::jsonb`;
  await asking.getByRole("button", { name: "Stop them" }).click();
  await asking.getByText("By now 6 sessions wait to be stopped, not 7.").waitFor();
  await asking.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Stop them" }).click();
  await page.getByRole("dialog", { name: "Stop 6 sessions" }).getByRole("button", { name: "Stop them" }).click();
  await page.getByRole("button", { name: "They are being stopped" }).waitFor();
  await phone.page.getByRole("button", { name: "They are being stopped" }).waitFor();
  await sql`update installation set orphans = '[]', orphans_confirmed_at = null`;
  await page.getByText("There are none any more.").waitFor();
  await page.getByRole("button", { name: "Close" }).last().click();
  await page.getByText("No service yet").waitFor();
  expect(await page.getByText("belong to no route").count()).toBe(0);
  for (const { problems } of [mine, theirs, phone]) expect(problems).toEqual([]);
});
