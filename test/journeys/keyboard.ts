/** What a journey does without a mouse. */
import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";
import { isFocused } from "../support/browser.ts";

/** Into the field, which the keyboard has to have come to by then. */
export async function type(page: Page, field: Locator, text: string): Promise<void> {
  await expect.poll(() => isFocused(field)).toBe(true);
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(text);
}

export async function press(page: Page, button: Locator): Promise<void> {
  await button.focus();
  await page.keyboard.press("Enter");
}

/** From the menu of one of the things on the page. */
export async function chooseFromMenu(page: Page, of: string, name: string): Promise<void> {
  await press(page, page.getByRole("button", { name: `More for ${of}` }));
  const item = page.getByRole("menuitem", { name });
  await item.waitFor();
  const step = async () => {
    await page.keyboard.press("ArrowDown");
    return isFocused(item);
  };
  await expect.poll(step).toBe(true);
  await page.keyboard.press("Enter");
}
