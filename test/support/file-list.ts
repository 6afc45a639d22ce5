/** The list of files as a test reads and moves in it. */
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";

export const entry = (page: Page, name: string): Locator =>
  page
    .getByRole("grid")
    .getByRole("row")
    .filter({ has: page.getByText(name, { exact: true }) });
export const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
export const overflowOf = (page: Page): Promise<number> =>
  page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");

export async function put(path: string, content: Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

/** The names in the list, from top to bottom. */
export const namesOf = (page: Page): Promise<string[]> =>
  page
    .getByRole("grid")
    .locator("[data-index] .name .cut")
    .evaluateAll((names) => {
      const top = (name: Element): number => name.getBoundingClientRect().top;
      return names.toSorted((a, b) => top(a) - top(b)).map((name) => name.textContent ?? "");
    });

/** What the row says that the keyboard is on. */
export async function activeRow(page: Page): Promise<string> {
  const id = await page.getByRole("grid").getAttribute("aria-activedescendant");
  return id === null ? "" : page.locator(`[id="${id}"]`).innerText();
}

/** Presses the arrow key until the keyboard is on the row. */
export async function atRow(page: Page, name: string): Promise<void> {
  await page.keyboard.press("Home");
  for (let steps = 0; steps < 20 && !(await activeRow(page)).includes(name); steps++) await page.keyboard.press("ArrowDown");
  expect(await activeRow(page)).toContain(name);
}

/** How many bytes a second the page may send from now on; -1: as many as it can. */
export async function limiter(page: Page): Promise<(bytesPerSecond: number) => Promise<unknown>> {
  const network = await page.context().newCDPSession(page);
  await network.send("Network.enable");
  const rest = { offline: false, latency: 0, downloadThroughput: -1 };
  return (uploadThroughput) => network.send("Network.emulateNetworkConditions", { ...rest, uploadThroughput });
}

export async function dropFile(page: Page, name: string, content: string): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([called, text]) => {
      const made = new DataTransfer();
      made.items.add(new File([text ?? ""], called ?? ""));
      return made;
    },
    [name, content],
  );
  await page.dispatchEvent("main", "drop", { dataTransfer: transfer });
}

export async function downloaded(page: Page, ask: () => Promise<void>): Promise<{ readonly name: string; readonly bytes: Buffer }> {
  const [download] = await Promise.all([page.waitForEvent("download"), ask()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}
