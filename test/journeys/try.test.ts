/** A service tried out in the console: the code that it offers, any request, and a chat, all through the gateway as end users call. */
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { findChromium } from "../support/browser.ts";
import type { Fields } from "../support/graphql.ts";
import { missing } from "../support/needs.ts";
import { freePorts } from "../support/ports.ts";
import { openEditing, overflowOf, type Editing } from "./editing.ts";
import { patience } from "./service-of.ts";

const skipped = missing(findChromium() === null, "chromium", "trying a service out in a real browser", "apt-get install chromium");
const example = join(import.meta.dirname, "../../examples/tiny-chat");
const run = promisify(execFile);

/** As a module of this directory, from which `openai` is found. */
async function runScript(code: string, env: Record<string, string> = {}): Promise<string> {
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", code], { cwd: import.meta.dirname, env });
  return stdout;
}

describe.skipIf(skipped)("a service tried out in the console", { timeout: 120_000 }, () => {
  let world: Editing;
  let page: Page;
  const ids: Record<string, string> = {};

  beforeAll(async () => {
    const [port] = await freePorts(1);
    world = await openEditing({ SERAI_PORT: String(port) });
    page = world.mine.page;
    await world.mine.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    const chats = { chat: { openToPublic: true, speed: 40 }, secret: { openToPublic: false, speed: 40 }, slow: { openToPublic: true, speed: 2 } };
    for (const [name, { openToPublic, speed }] of Object.entries(chats))
      ids[name] = await start(name, await chatFolder(name, speed), { openToPublic });
    for (const name of Object.keys(chats)) {
      await open(name);
      await page.getByText("Serving: 1 of 1 route healthy.").waitFor();
    }
    const broken = await world.createFolder("broken");
    await world.write(broken, brokenDefinition);
    ids["broken"] = await start("broken", broken, { openToPublic: true });
  }, 120_000);
  afterAll(() => world?.[Symbol.asyncDispose]());
  beforeEach(() => world.watch());

  /** The example, with so many words a second. */
  const chatFolder = async (name: string, speed: number): Promise<string> => {
    const folderId = await world.createFolder(name);
    for (const file of (await readdir(example)).filter((entry) => /\.(py|txt|yml)$/.test(entry))) {
      const text = await readFile(join(example, file), "utf8");
      await world.write(folderId, text.replace('- "8000"', `- "8000"\n        - --words-per-second\n        - "${speed}"`), file);
    }
    return folderId;
  };
  const start = async (name: string, folderId: string, wish: Fields): Promise<string> => {
    const { service } = await world.api.wish("createService", { name, folderId, ...wish }, "service { id }");
    return (service as { id: string }).id;
  };
  const serviceOf = async (name: string, selection: string): Promise<Fields> =>
    (await world.api.ask(`query ($id: ID!) { service(id: $id) { ${selection} } }`, { id: ids[name] }))["service"] as Fields;
  const open = async (name: string, part = "", window: Page = page): Promise<void> => {
    await window.goto(`${world.serai.url}services/${ids[name]}${part}`);
    await window.getByRole("heading", { name, exact: true }).waitFor({ state: "attached" });
  };
  const copied = async (what: string): Promise<string> => {
    await page.getByRole("button", { name: `Copy ${what}` }).click();
    await page.getByRole("button", { name: `Copied ${what}` }).waitFor();
    return page.evaluate("navigator.clipboard.readText()");
  };
  const choose = (label: string) => page.getByRole("region", { name: "Endpoint" }).getByText(label, { exact: true }).click();
  const conversation = (window: Page = page) => window.getByRole("log", { name: "Conversation" });
  const say = async (text: string, window: Page = page) => {
    await window.getByRole("textbox", { name: "Message" }).fill(text);
    await window.keyboard.press("Enter");
  };
  const lastAnswer = (window: Page = page) => conversation(window).locator('li[data-role="assistant"]').last();

  test("what it offers as curl, Python and JavaScript works when pasted, streamed and whole", async () => {
    await open("chat");
    await page.getByLabel("curl command").getByText("tiny-chat").waitFor();
    const streamed = await copied("curl command");
    expect((await run("sh", ["-c", streamed])).stdout).toMatch(/^data: \{[^]*data: \[DONE\]/);
    await page.locator("label").filter({ hasText: "Streamed" }).click();
    const whole = JSON.parse((await run("sh", ["-c", await copied("curl command")])).stdout) as { object: string };
    expect(whole.object).toBe("chat.completion");

    await choose("JavaScript");
    for (let count = 0; count < 2; count += 1) {
      expect(await runScript(await copied("JavaScript code"))).toMatch(/^\S/);
      await page.locator("label").filter({ hasText: "Streamed" }).click();
    }
    await choose("Any request");
    expect(await runScript(await copied("JavaScript code"))).toMatch(/^404 .*There is no \/ here/);
    await choose("Python");
    expect((await run("python3", ["-c", (await copied("Python code")).replace(/:\d+(?=")/, "$&/health")])).stdout).toBe('200 {"status": "ok"}\n');
    await world.browser.shoot(page, "try-snippets");
  });

  test("of a private one the code works with a token for some minutes, which is in no list but in the history", async () => {
    await open("secret");
    await page.getByRole("button", { name: "Fill in a token for some minutes" }).click();
    await page.getByText("It ends by itself within ten minutes.").waitFor();
    await choose("OpenAI chat");
    await page.getByLabel("curl command").getByText("tiny-chat").waitFor();
    const commands = `${await copied("token variable")}\n${await copied("curl command")}`;
    expect((await run("sh", ["-c", commands])).stdout).toContain("data: [DONE]");
    const [, token = ""] = /"(.*)"/.exec(commands) ?? [];
    await choose("JavaScript");
    expect(await runScript(await copied("JavaScript code"), { API_TOKEN: token })).toMatch(/^\S/);
    await choose("Any request");
    expect(await runScript(await copied("JavaScript code"), { API_TOKEN: token })).toMatch(/^404 .*There is no \/ here/);
    const { tokens, events } = (await serviceOf("secret", "tokens { id } events(last: 3) { edges { event { kind message } } }")) as {
      tokens: unknown[];
      events: { edges: { event: { kind: string; message: string } }[] };
    };
    expect(tokens).toEqual([]);
    expect(events.edges.map(({ event }) => event.kind)).toContain("TRIAL_TOKEN_CREATED");
  });

  test("any request is sent by Ctrl+Enter, and its answer comes as it is sent, with its times; it can be stopped", async () => {
    await open("secret", "/try");
    const answer = page.getByRole("region", { name: "Answer" });
    const body = () => answer.getByLabel("Body of the answer").innerText();
    await page.getByLabel("Path").fill("/v1/models");
    await page.keyboard.press("Control+Enter");
    await answer.getByTestId("answer-status").getByText("200 OK").waitFor();
    expect(await body()).toContain('"id": "tiny-chat"');
    await answer.getByText(/^upstream \d/).waitFor();
    await answer.locator("summary").click();
    expect(await answer.getByLabel("Headers of the answer").innerText()).toMatch(/server-timing: queue;dur=/);

    await page.getByRole("textbox", { name: "Headers" }).fill("Authorization: Bearer nonsense");
    await page.keyboard.press("Control+Enter");
    await answer.getByTestId("answer-status").getByText("401").waitFor();
    expect(await body()).toContain("Send a token of this service");

    await open("slow", "/try");
    await page.getByRole("textbox", { name: "Path" }).fill("/v1/chat/completions");
    await page.getByRole("combobox", { name: "Method" }).click();
    await page.getByRole("option", { name: "POST" }).click();
    await page.getByRole("textbox", { name: "Body" }).fill('{"messages": [{"role": "user", "content": "inns"}], "stream": true, "max_tokens": 1000}');
    await page.getByRole("button", { name: "Send" }).click();
    await expect.poll(body, patience).toContain("data: ");
    const before = (await body()).length;
    await expect.poll(async () => (await body()).length, patience).toBeGreaterThan(before);
    await world.browser.shoot(page, "try-streaming");
    await page.getByRole("button", { name: "Stop" }).click();
    await answer.getByText("Stopped: the request was ended from here.").waitFor();
    expect(await body()).not.toContain("[DONE]");

    await page.getByRole("textbox", { name: "Headers" }).fill("no header");
    await page.keyboard.press("Control+Enter");
    await page.getByText("Not a header: no header.").waitFor();
    await page.reload();
    expect(await page.getByRole("textbox", { name: "Headers" }).inputValue()).toBe("no header");
  });

  test("a chat streams, says how fast, goes on where it was, and is stopped and cleared", async () => {
    await open("secret");
    await page.getByRole("button", { name: "Chat", exact: true }).click();
    await say("What is a caravanserai?");
    await lastAnswer()
      .getByText(/First token \d+ ms · \d+ tokens\/s · \d+ tokens/)
      .waitFor();
    await world.browser.shoot(page, "chat");
    await page.reload();
    await conversation().getByText("What is a caravanserai?").waitFor();

    await page.getByText("System prompt").click();
    await page.getByRole("textbox", { name: "System prompt" }).fill("Speak of deserts.");
    const asked = page.waitForRequest((request) => request.url().endsWith("/v1/chat/completions") && request.method() === "POST");
    await say("And a camel?");
    const { messages } = (await asked).postDataJSON() as { messages: { role: string; content: string }[] };
    expect(messages.map(({ role }) => role)).toEqual(["system", "user", "assistant", "user"]);

    await open("slow", "/chat");
    await say("What is a desert?");
    await lastAnswer()
      .getByText(/First token/)
      .waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await lastAnswer()
      .getByText(/stopped$/)
      .waitFor();
    await say("And an inn?");
    await page.getByRole("button", { name: "Stop" }).waitFor();
    await page.getByRole("button", { name: "Clear" }).click();
    await page.getByRole("button", { name: "Send" }).waitFor();
    await page.reload();
    await conversation().getByText("What you say and what it answers stands here").waitFor();
  });

  test("what cannot be answered is said in words, and what was typed stays", async () => {
    await open("broken", "/chat");
    await page.getByText("It is asked which models it has as soon as a route is healthy.").waitFor();
    await page.getByText(/^Nothing can answer now/).waitFor();
    await open("broken", "/try");
    await page.getByText(/^Nothing can answer now/).waitFor();
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByTestId("answer-status").getByText("503").waitFor();

    await open("chat", "/chat");
    await page.getByRole("textbox", { name: "Message" }).waitFor();
    await page.route(/\/v1\/chat\/completions$/, (route) => route.abort());
    await say("Are you there?");
    await page.getByText(/^The browser got no answer from/).waitFor();
    expect(await page.getByRole("textbox", { name: "Message" }).inputValue()).toBe("Are you there?");
    await page.unroute(/\/v1\/chat\/completions$/);
    await page.keyboard.press("Enter");
    await lastAnswer()
      .getByText(/First token/)
      .waitFor();
  });

  test("its other names and the web pages that may call it are changed in the form, and shown", async () => {
    await open("chat", "/modify");
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Callers" }).click();
    await dialog.getByLabel("Aliases").pressSequentially("acme/chat,");
    await dialog.getByLabel("Allowed origins").pressSequentially("app.example.com");
    await dialog.getByLabel("Allowed origins").blur();
    await dialog.getByText("Not an origin: app.example.com.").waitFor();
    await world.browser.shoot(page, "try-callers");
    await dialog.getByLabel("Allowed origins").press("Backspace");
    await dialog.getByLabel("Allowed origins").pressSequentially("https://app.example.com,");
    await dialog.getByRole("button", { name: "Modify" }).click();
    await page.getByRole("region", { name: "Facts" }).getByText("acme/chat").waitFor();
    expect(await serviceOf("chat", "aliases allowedOrigins")).toEqual({ aliases: ["acme/chat"], allowedOrigins: ["https://app.example.com"] });
  });

  test("it is as good in the dark and on a phone, and nothing is asked that a policy forbids", async () => {
    const dark = world.other.page;
    await open("secret", "/chat", dark);
    await say("What is an inn?", dark);
    await lastAnswer(dark)
      .getByText(/First token/)
      .waitFor();
    await world.browser.shoot(dark, "chat-dark");
    await open("secret", "/try", dark);
    await dark.getByRole("textbox", { name: "Path" }).fill("/health");
    await dark.keyboard.press("Control+Enter");
    await dark.getByTestId("answer-status").waitFor();
    await world.browser.shoot(dark, "try-dark");
    const phone = await world.browser.openWindow({ width: 390, height: 844 });
    await world.enter(phone.page);
    for (const part of ["", "/try", "/chat"]) {
      await open("chat", part, phone.page);
      if (part === "/chat") {
        await say("What is a desert?", phone.page);
        await lastAnswer(phone.page)
          .getByText(/First token/)
          .waitFor();
      }
      expect(await overflowOf(phone.page)).toBe(0);
      await world.browser.shoot(phone.page, `try-phone${part.replace("/", "-")}`);
    }
    expect([...world.mine.problems, ...world.other.problems, ...phone.problems]).toEqual([]);
  });
});

const brokenDefinition =
  "models:\n  - name: broken\n    model_path: /models\n    service:\n      start_command: [sh, -c, exit 3]\n      port: 8000\n";
