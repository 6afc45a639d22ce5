/**
 * A real Chromium for tests of the console: the one that is installed, never downloaded.
 *
 * Each page is a window of its own (cookies, storage, clipboard permission) and remembers what went wrong in it: errors of
 * scripts, and whatever the server's Content-Security-Policy refused. Screenshots go to SERAI_SCREENSHOTS, or to a temporary
 * directory that is named only when a test fails.
 */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Locator, type Page } from "playwright-core";

const places = [
  process.env["SERAI_CHROMIUM"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** The path of an installed Chromium, or null. SERAI_CHROMIUM names another. */
export const findChromium = (): string | null =>
  places.find((place): place is string => place !== undefined && place !== "" && existsSync(place)) ?? null;

export type BrowserWindow = {
  readonly page: Page;
  /** What went wrong in it so far. */
  readonly problems: readonly string[];
  /** What it asked for and did not get. */
  readonly failedRequests: readonly string[];
};
export type WindowOptions = { readonly width?: number; readonly height?: number; readonly scheme?: "light" | "dark" };

export type Browser = AsyncDisposable & {
  readonly openWindow: (options?: WindowOptions) => Promise<BrowserWindow>;
  /** Takes a picture of the whole page. */
  readonly shoot: (page: Page, name: string) => Promise<void>;
  /** For a failing test: takes a picture of each window, says what is written in it and what it asked for in vain, and keeps all pictures. */
  readonly showFailure: (story: string, ...windows: readonly BrowserWindow[]) => Promise<void>;
};

// Without the background flags Chromium looks for hosts of its maker at every start.
const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export async function openBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === null) throw new Error("There is no Chromium here: apt-get install chromium");
  const wanted = process.env["SERAI_SCREENSHOTS"];
  const directory = wanted ?? (await mkdtemp(join(tmpdir(), "serai-screenshots-")));
  await mkdir(directory, { recursive: true });
  let kept = wanted !== undefined;
  const browser = await chromium.launch({ executablePath, headless: true, args: flags });
  const shoot = async (page: Page, name: string): Promise<void> => {
    // What sticks to the top would stand in the middle of a long picture.
    await page.evaluate("scrollTo(0, 0)");
    await page.screenshot({ path: join(directory, `${name}.png`), fullPage: true });
  };

  return {
    openWindow: async ({ width = 1440, height = 900, scheme = "light" } = {}) => {
      const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, reducedMotion: "reduce" });
      await context.grantPermissions(["clipboard-read", "clipboard-write"]);
      const page = await context.newPage();
      const failedRequests: string[] = [];
      page.on("requestfailed", (request) => failedRequests.push(`${request.method()} ${request.url()} ${request.failure()?.errorText}`));
      loadAgain(page);
      return { page, problems: watchProblems(page), failedRequests };
    },
    shoot,
    showFailure: async (story, ...windows) => {
      kept = true;
      for (const [index, { page, problems, failedRequests }] of windows.entries()) {
        const name = `failed-${story}-${index + 1}`;
        await shoot(page, name);
        const text = await page.locator("body").innerText();
        console.log([`${join(directory, name)}.png ${page.url()}`, ...problems, ...failedRequests.slice(-10), text.slice(0, 3000)].join("\n"));
      }
    },
    [Symbol.asyncDispose]: async () => {
      await browser.close();
      if (!kept) await rm(directory, { recursive: true, force: true });
    },
  };
}

const networkChanged = "net::ERR_NETWORK_CHANGED";

/**
 * Chromium gives up what it is loading when Docker, for another test, gives the machine a network. A person who sees nothing loads the
 * page again; a part that is loaded later is the console's to ask for once more.
 */
function loadAgain(page: Page): void {
  const goto = page.goto.bind(page);
  page.goto = (...to) => goto(...to).catch((error: Error) => (error.message.includes(networkChanged) ? page.goto(...to) : Promise.reject(error)));
  const reloadBlank = async () => {
    const isBlank = await page.locator("#root").evaluate((root) => root.childElementCount === 0);
    if (isBlank) await page.reload();
  };
  let reloading: Promise<void> | null = null;
  page.on("requestfailed", (request) => {
    const isPart = request.resourceType() === "script" || request.resourceType() === "stylesheet";
    if (!isPart || request.failure()?.errorText !== networkChanged) return;
    // One reload for all that was given up at once: a second would come in the middle of the story.
    reloading ??= reloadBlank()
      .catch(() => {})
      .finally(() => {
        reloading = null;
      });
  });
}

/** Do keys go there? A dialog takes the focus a moment after it is shown. */
export const isFocused = (field: Locator): Promise<boolean> => field.evaluate((element) => element === element.ownerDocument.activeElement);

function watchProblems(page: Page): readonly string[] {
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" && /Content.Security.Policy/i.test(message.text())) problems.push(message.text());
  });
  return problems;
}
