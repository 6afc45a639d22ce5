import { WebSocket } from "ws";
import { expect, test } from "vitest";
import { AppError } from "../../server/failure.ts";
import { newId, type SessionId } from "../../server/model/ids.ts";
import type { LogChunk, LogQuery } from "../../server/model/logs.ts";
import { adminToken, type Data } from "../support/api.ts";
import { chunk, download, endRoute, logsQuery, withRoute } from "../support/route-logs.ts";

/** A scheduler whose session wrote this, and what was asked of it. */
function writing(...chunks: readonly LogChunk[]) {
  const asked: (Omit<LogQuery, "signal"> & { id: SessionId })[] = [];
  // oxlint-disable-next-line require-await
  async function* logs(id: SessionId, { signal: _signal, ...wanted }: LogQuery): AsyncGenerator<LogChunk> {
    asked.push({ id, ...wanted });
    yield* chunks;
  }
  return { asked, logs };
}

/** One that writes for ever, as fast as it is read. */
function endless() {
  const seen = { given: 0, open: 0 };
  async function* logs(_id: SessionId, { signal }: LogQuery): AsyncGenerator<LogChunk> {
    const bytes = Buffer.alloc(64 * 1024, "a line of this log\n");
    seen.open += 1;
    try {
      for (let offset = 0; !signal.aborted; offset += bytes.length) {
        seen.given += bytes.length;
        yield { attempt: "1", offset, bytes };
        await new Promise(setImmediate);
      }
    } finally {
      seen.open -= 1;
    }
  }
  return { seen, logs };
}

/** Until nothing has been given for a second: whoever reads has stopped, and is waited for. */
async function rests(seen: { readonly given: number }): Promise<number> {
  let before = -1;
  const isResting = (): boolean => {
    const rested = seen.given > 0 && seen.given === before;
    before = seen.given;
    return rested;
  };
  await expect.poll(isResting, { interval: 1000, timeout: 30_000 }).toBe(true);
  return seen.given;
}

test("a log comes with its attempts and with offsets in bytes, characters whole, and ends where nothing more can come", async () => {
  const [first, rest] = [Buffer.from("grün é").subarray(0, 3), Buffer.from("grün é").subarray(3)];
  const { asked, logs } = writing(chunk("1", 0, first), chunk("1", 3, rest), chunk("2", 0, "\u001b[31mred\u001b[0m\r\n"));
  const { api, route } = await withRoute(logs);
  await using _ = api;
  const attempt = (number: number): string => `${route.sessionId}.${number}`;
  await using live = api.subscribe(logsQuery, { id: route.id, attempt: attempt(1), offset: 0, tailBytes: 500 });
  expect(await live.next()).toEqual({ logs: { attempt: attempt(1), offset: 0, nextOffset: 2, text: "gr" } });
  expect(await live.next()).toEqual({ logs: { attempt: attempt(1), offset: 2, nextOffset: 8, text: "ün é" } });
  expect(await live.next()).toEqual({ logs: { attempt: attempt(2), offset: 0, nextOffset: 14, text: "\u001b[31mred\u001b[0m\r\n" } });
  await endRoute(api, route.id);
  expect(await live.next()).toBeNull();
  expect(asked).toEqual([{ id: route.sessionId, stream: "stdout", member: 0, follow: true, attempt: "1", offset: 0, tailBytes: 500 }]);
});

test("values of secret variables are not shown, also where they come in two parts", async () => {
  const { logs } = writing(chunk("1", 0, "the token is hf_AbCdEf"), chunk("1", 22, "GhIjKl, as said"), chunk("1", 37, "\n"));
  const { api, route } = await withRoute(logs, { variables: [{ name: "HF_TOKEN", value: "hf_AbCdEfGhIjKl", secret: true }] });
  await using _ = api;
  await using live = api.subscribe(logsQuery, { id: route.id });
  expect(await live.next()).toEqual({ logs: { attempt: `${route.sessionId}.1`, offset: 0, nextOffset: 13, text: "the token is " } });
  expect(await live.next()).toEqual({ logs: { attempt: `${route.sessionId}.1`, offset: 13, nextOffset: 37, text: "[secret HF_TOKEN], as said" } });
  expect(await (await download(api, route.id)).text()).toBe("the token is [secret HF_TOKEN], as said\n");
});

test("only whoever may manage the service reads its logs", async () => {
  const { asked, logs } = writing(chunk("1", 0, "private"));
  const { api, route } = await withRoute(logs);
  await using _ = api;
  const token = await api.createOtherUser();
  await using live = api.subscribe(logsQuery, { id: route.id }, token);
  await expect(live.next()).rejects.toThrow(`There is no route ${route.id}.`);
  expect((await download(api, route.id, {}, token)).status).toBe(404);
  expect((await download(api, route.id, {}, "nobody")).status).toBe(401);
  expect(asked).toEqual([]);
});

test("a subscriber that does not read is waited for: the server holds no more than what is on its way, and goes on when it reads again", async () => {
  const { seen, logs } = endless();
  const { api, route } = await withRoute(logs);
  await using _ = api;
  const socket = new WebSocket(`${api.url.replace("http", "ws")}/graphql`, "graphql-transport-ws", {
    headers: { authorization: `Bearer ${adminToken}` },
  });
  try {
    const reading = Promise.withResolvers<void>();
    let received = 0;
    socket.on("message", (data) => {
      const message = JSON.parse((data as Buffer).toString()) as Data;
      if (message["type"] === "connection_ack")
        socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query: logsQuery, variables: { id: route.id } } }));
      if (message["type"] === "next") {
        received += message["payload"].data.logs.text.length;
        reading.resolve();
      }
    });
    socket.on("open", () => socket.send(JSON.stringify({ type: "connection_init" })));
    await reading.promise;
    socket.pause();
    const held = (await rests(seen)) - received;
    // What the kernel holds of a connection to the same machine.
    expect(held).toBeLessThan(32 * 1024 * 1024);
    socket.resume();
    await expect.poll(() => received, { timeout: 20_000 }).toBeGreaterThan(held + 8 * 1024 * 1024);
    expect(seen.open).toBe(1);
  } finally {
    socket.terminate();
  }
  await expect.poll(() => seen.open, { timeout: 20_000 }).toBe(0);
});

test("whoever stops listening leaves nothing open behind", async () => {
  const waiting = { open: 0 };
  // oxlint-disable-next-line require-yield
  const { api, route } = await withRoute(async function* (_id, { signal }) {
    waiting.open += 1;
    yield chunk("1", 0, "all there is\n");
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    waiting.open -= 1;
  });
  await using _ = api;
  {
    await using live = api.subscribe(logsQuery, { id: route.id });
    expect(await live.next()).toMatchObject({ logs: { text: "all there is\n" } });
    expect(waiting.open).toBe(1);
  }
  await expect.poll(() => waiting.open, { timeout: 20_000 }).toBe(0);
});

test("a log is downloaded as a file: all that is kept, as text, under a name of its own, in a sandbox", async () => {
  const { asked, logs } = writing(chunk("1", 0, "first\n"), chunk("2", 0, "second\n"));
  const { api, route } = await withRoute(logs);
  await using _ = api;
  const answer = await download(api, `${route.id}?stream=stderr`);
  expect(await answer.text()).toBe("first\nsecond\n");
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "content-type": "text/plain; charset=utf-8",
    "content-disposition": `attachment; filename="chat-${route.id}-stderr.log"; filename*=UTF-8''chat-${route.id}-stderr.log`,
    "x-content-type-options": "nosniff",
    "content-security-policy": "sandbox; default-src 'none'",
    "cache-control": "private, no-cache",
  });
  expect(asked).toMatchObject([{ id: route.sessionId, stream: "stderr", follow: false, attempt: "oldest" }]);
  expect(await (await download(api, `${route.id}?attempt=2`, { method: "HEAD" })).text()).toBe("");
});

test("of a route of several members main's log is read, or that of the one that is asked for", async () => {
  const { asked, logs } = writing(chunk("1", 0, "hello\n"));
  const { api, route } = await withRoute(logs);
  await using _ = api;
  await using live = api.subscribe(`subscription ($id: ID!) { logs(routeId: $id, member: 2) { text } }`, { id: route.id });
  expect(await live.next()).toEqual({ logs: { text: "hello\n" } });
  await endRoute(api, route.id);
  expect(await live.next()).toBeNull();
  const answer = await download(api, `${route.id}?member=2`);
  expect(answer.headers.get("content-disposition")).toContain(`chat-${route.id}-worker-2-stdout.log`);
  await answer.text();
  expect(asked.map(({ member }) => member)).toEqual([2, 2]);
  expect((await download(api, `${route.id}?member=main`)).status).toBe(400);
});

test("what cannot be downloaded is refused in the words of the API", async () => {
  const { api, route } = await withRoute(() => {
    throw new AppError("SCHEDULER_UNAVAILABLE", "nomad is down", {
      publicMessage: "The Nomad cluster cannot be reached at the moment.",
      retry: true,
    });
  });
  await using _ = api;
  const refused = async (path: string, init: RequestInit = {}) => {
    const answer = await download(api, path, init);
    return [answer.status, ((await answer.json()) as Data)["message"]];
  };
  expect(await refused(newId("route"))).toEqual([404, "There is no such route."]);
  expect(await refused("../logs/x")).toEqual([404, "There is no such route."]);
  expect(await refused(`${route.id}?stream=both`)).toEqual([400, "stream must be stdout or stderr."]);
  expect(await refused(route.id, { method: "DELETE" })).toEqual([405, "Logs are only read."]);
  expect(await refused(route.id)).toEqual([503, "The Nomad cluster cannot be reached at the moment."]);
});

test("a download that is not read is waited for, and one that is broken off leaves nothing open", async () => {
  const { seen, logs } = endless();
  const { api, route } = await withRoute(logs);
  await using _ = api;
  const leaving = new AbortController();
  const answer = await download(api, route.id, { signal: leaving.signal });
  expect(await rests(seen)).toBeLessThan(32 * 1024 * 1024);
  expect([answer.status, seen.open]).toEqual([200, 1]);
  leaving.abort();
  await expect.poll(() => seen.open, { timeout: 20_000 }).toBe(0);
});
