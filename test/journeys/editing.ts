/**
 * What journeys through the console's editor share: a Serai, two windows that are two people (each has a browser storage of its own), files by
 * the API, and typing into CodeMirror.
 */
import type { Page } from "playwright-core";
import { onTestFailed } from "vitest";
import { openBrowser, type Browser, type BrowserWindow } from "../support/browser.ts";
import { graphqlOf, type Fields, type GraphQL } from "../support/graphql.ts";
import { startSerai, type Serai } from "../support/serai.ts";

export const soonMs = 45_000;

export type Editing = {
  readonly serai: Serai;
  readonly api: GraphQL;
  readonly browser: Browser;
  readonly mine: BrowserWindow;
  readonly other: BrowserWindow;
  /** Signed in, on the page of services. */
  readonly enter: (page: Page) => Promise<void>;
  readonly createFolder: (name: string, usage?: "MODEL" | "GENERAL") => Promise<string>;
  readonly write: (folderId: string, content: string, path?: string) => Promise<unknown>;
  /** Null where there is no such file. */
  readonly contentOf: (folderId: string, path?: string) => Promise<unknown>;
  readonly edit: (page: Page, folderId: string, path?: string) => Promise<void>;
  /** For a test that may fail: then pictures of both windows are kept. */
  readonly watch: () => void;
} & AsyncDisposable;

export async function openEditing(env: Readonly<Record<string, string>> = {}): Promise<Editing> {
  await using unfinished = new AsyncDisposableStack();
  const serai = unfinished.use(await startSerai({ env: { SERAI_EXAMPLES: "0", ...env } }));
  const api = unfinished.use(graphqlOf(serai));
  const browser = unfinished.use(await openBrowser());
  const enter = async (page: Page) => {
    page.setDefaultTimeout(soonMs);
    await page.goto(serai.signInUrl);
    await page.getByRole("heading", { name: "Services" }).waitFor();
  };
  const [mine, other] = [await browser.openWindow(), await browser.openWindow({ scheme: "dark" })];
  for (const { page } of [mine, other]) await enter(page);
  const lifetime = unfinished.move();
  return {
    serai,
    api,
    browser,
    mine,
    other,
    enter,
    createFolder: async (name, usage = "MODEL") => {
      const { folder } = await api.wish("createFolder", { name, usage }, "folder { id }");
      return (folder as Fields)["id"] as string;
    },
    write: (folderId, content, path = "model-definition.yml") => api.wish("writeFile", { folderId, path, content }, "file { path }"),
    contentOf: async (folderId, path = "model-definition.yml") => {
      const question = "query ($id: ID!, $path: String!) { folder(id: $id) { textFile(path: $path) { content } } }";
      const { folder } = await api.ask(question, { id: folderId, path });
      return ((folder as Fields)["textFile"] as Fields | null)?.["content"] ?? null;
    },
    edit: async (page, folderId, path = "model-definition.yml") => {
      await page.goto(`${serai.url}folders/${folderId}/edit/${path}`);
      await textOf(page).waitFor();
    },
    watch: () =>
      onTestFailed(async () => {
        await browser.showFailure("editor", mine, other);
        console.log(serai.output().slice(-2000));
      }),
    [Symbol.asyncDispose]: () => lifetime.disposeAsync(),
  };
}

export const textOf = (page: Page) => page.getByRole("textbox", { name: /^Text of / });
export const shownText = (page: Page): Promise<string> => textOf(page).innerText();
export const option = (page: Page, name: string, having = "") =>
  page.locator(`.cm-tooltip-autocomplete [role=option]${having}`).filter({ hasText: name }).first();
export const overflowOf = (page: Page): Promise<number> =>
  page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");

/** At a person's pace: an Enter that comes within 75 ms of the list is not meant for it. */
export async function accept(page: Page, name: string): Promise<void> {
  await option(page, name, "[aria-selected=true]").waitFor();
  await page.keyboard.press("Shift", { delay: 100 });
  await page.keyboard.press("Enter");
}

/** In place of what is there, at once as from the clipboard. */
export async function typeAll(page: Page, text: string): Promise<void> {
  await textOf(page).focus();
  await page.keyboard.press("Control+a");
  if (text === "") await page.keyboard.press("Delete");
  else await page.keyboard.insertText(text);
}
