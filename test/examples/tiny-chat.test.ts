/** The example that shows streaming, run as its definition says, with real clients. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { request } from "undici";
import { describe, expect, test } from "vitest";
import { servedModel } from "../../server/model/model-definition.ts";
import { parseModelDefinition } from "../../server/model/parse-definition.ts";

const examples = join(import.meta.dirname, "../../examples");
const folder = join(examples, "tiny-chat");
const question = { messages: [{ role: "user", content: "What is a caravanserai?" }], seed: 7 };

type Chat = AsyncDisposable & {
  readonly port: number;
  readonly post: (path: string, body: unknown) => Promise<Response>;
  /** Asks it to end, and answers how it did and what it complained of. */
  readonly end: () => Promise<{ readonly code: number | null; readonly complaints: string }>;
};

async function definitionOf(name: string) {
  const parsed = parseModelDefinition(await readFile(join(examples, name, "model-definition.yml"), "utf8"));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return servedModel(parsed.definition);
}

async function startChat(wordsPerSecond = 0): Promise<Chat> {
  const { service } = await definitionOf("tiny-chat");
  const [, ...args] = service.start_command;
  const anyPort = args.map((word) => (word === String(service.port) ? "0" : word));
  const command = [...anyPort, "--host", "127.0.0.1", "--words-per-second", String(wordsPerSecond)];
  const child = spawn("python3", ["-B", ...command], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  const complaints = text(child.stderr);
  const exited = once(child, "exit");
  const port = await new Promise<number>((resolve, reject) => {
    void exited.then(async () => reject(new Error(await complaints)));
    child.stdout.on("data", (data) => {
      const match = /listening on port (\d+)/.exec(String(data));
      if (match !== null) resolve(Number(match[1]));
    });
  });
  const end = async () => {
    child.kill("SIGTERM");
    const [code] = await exited;
    return { code: typeof code === "number" ? code : null, complaints: await complaints };
  };
  const post = (path: string, body: unknown) =>
    fetch(`http://127.0.0.1:${port}${path}`, { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) });
  return { port, post, end, [Symbol.asyncDispose]: async () => void (await end()) };
}

const eventsIn = (stream: string): readonly string[] =>
  stream
    .split("\n\n")
    .filter((event) => event !== "")
    .map((event) => event.replace(/^data: /, ""));

describe("the examples", () => {
  test.each(["simple-http-server", "tiny-chat"])("%s has a definition that can be served", async (name) => {
    expect(await definitionOf(name)).toMatchObject({ name, model_path: "/models", service: { port: 8000 } });
  });
});

describe("tiny-chat", () => {
  test("answers a chat in OpenAI's form, the same for the same seed", async () => {
    await using chat = await startChat();
    const [first, second] = await Promise.all([chat.post("/v1/chat/completions", question), chat.post("/v1/chat/completions", question)]);
    const answer = await first.json();
    expect(answer).toMatchObject({ object: "chat.completion", model: "tiny-chat", choices: [{ index: 0, finish_reason: "stop" }] });
    expect(answer.choices[0].message).toEqual({ role: "assistant", content: expect.stringMatching(/caravanserai/i) });
    expect(answer.usage.total_tokens).toBe(answer.usage.prompt_tokens + answer.usage.completion_tokens);
    expect((await second.json()).choices).toEqual(answer.choices);
  });

  test("streams the same answer in pieces, and says when it is done", async () => {
    await using chat = await startChat();
    const whole = await (await chat.post("/v1/chat/completions", question)).json();
    const response = await chat.post("/v1/chat/completions", { ...question, stream: true, stream_options: { include_usage: true } });
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const events = eventsIn(await response.text());
    expect(events.at(-1)).toBe("[DONE]");
    const chunks = events.slice(0, -1).map((event) => JSON.parse(event));
    expect(chunks.every((chunk) => chunk.object === "chat.completion.chunk" && chunk.id === chunks[0].id)).toBe(true);
    const choices = chunks.flatMap((chunk) => chunk.choices);
    expect(choices[0].delta.role).toBe("assistant");
    expect(choices.map((choice) => choice.delta.content ?? "").join("")).toBe(whole.choices[0].message.content);
    expect(choices.at(-1).finish_reason).toBe("stop");
    expect(chunks.at(-1).usage).toEqual(whole.usage);
  });

  test("continues a prompt, and ends where it is told to", async () => {
    await using chat = await startChat();
    const ask = async (more: object): Promise<unknown> =>
      (await chat.post("/v1/completions", { prompt: "A camel drinks", temperature: 0, ...more })).json();
    expect(await ask({})).toMatchObject({ object: "text_completion", choices: [{ text: expect.stringMatching(/^ slowly and forgets/) }] });
    expect(await ask({ max_tokens: 2 })).toMatchObject({
      choices: [{ text: " slowly and", finish_reason: "length" }],
      usage: { completion_tokens: 2 },
    });
    expect(await ask({ stop: [" for", "nothing"] })).toMatchObject({ choices: [{ text: " slowly and", finish_reason: "stop" }] });
  });

  test("says what is wrong with a request, as OpenAI does, and keeps the connection", async () => {
    await using chat = await startChat();
    const chatPath = "/v1/chat/completions";
    const cases = [
      [chatPath, "{not json", 400, null],
      [chatPath, [], 400, null],
      [chatPath, {}, 400, "messages"],
      [chatPath, { messages: [{ role: "pirate", content: "" }] }, 400, "messages[0]"],
      [chatPath, { ...question, temperature: "hot" }, 400, "temperature"],
      [chatPath, { ...question, temperature: 3 }, 400, "temperature"],
      [chatPath, { ...question, max_tokens: 0 }, 400, "max_tokens"],
      [chatPath, { ...question, stream: "yes" }, 400, "stream"],
      [chatPath, { ...question, model: "gpt" }, 404, "model"],
      ["/v1/embeddings", {}, 404, null],
    ] as const;
    for (const [path, body, status, param] of cases) {
      const response = await chat.post(path, body);
      expect([response.status, await response.json()]).toEqual([
        status,
        { error: { message: expect.any(String), type: "invalid_request_error", param, code: status === 404 && param ? "model_not_found" : null } },
      ]);
      expect(response.headers.get("connection")).not.toBe("close");
    }
    expect((await fetch(`http://127.0.0.1:${chat.port}/health`)).status).toBe(200);
    expect(await (await fetch(`http://127.0.0.1:${chat.port}/v1/models`)).json()).toMatchObject({ data: [{ id: "tiny-chat", object: "model" }] });
  });

  test("takes a request of unknown length and a client that speaks HTTP/1.0", async () => {
    await using chat = await startChat();
    const response = await request(`http://127.0.0.1:${chat.port}/v1/chat/completions`, {
      method: "POST",
      body: Readable.from([JSON.stringify(question)]),
    });
    expect(response.statusCode).toBe(200);
    await response.body.dump();
    const json = JSON.stringify({ ...question, stream: true });
    const socket = connect(chat.port, "127.0.0.1");
    socket.write(`POST /v1/chat/completions HTTP/1.0\r\nContent-Length: ${json.length}\r\n\r\n${json}`);
    const answer = await text(socket);
    expect(answer).not.toMatch(/transfer-encoding/i);
    expect(answer.trimEnd()).toMatch(/data: \[DONE\]$/);
  });

  test("bears clients that leave in the middle, and lets others finish when it is asked to end", async () => {
    const chat = await startChat(20);
    const leaving = new AbortController();
    const left = await fetch(`http://127.0.0.1:${chat.port}/v1/chat/completions`, {
      method: "POST",
      body: JSON.stringify({ ...question, stream: true }),
      signal: leaving.signal,
    });
    const staying = await chat.post("/v1/chat/completions", { ...question, stream: true });
    await left.body?.getReader().read();
    leaving.abort();
    const [answer, ended] = await Promise.all([staying.text(), chat.end()]);
    expect(eventsIn(answer).at(-1)).toBe("[DONE]");
    expect(ended).toEqual({ code: 0, complaints: "" });
  });
});
