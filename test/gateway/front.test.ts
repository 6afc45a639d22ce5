import { once } from "node:events";
import { connect } from "node:net";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLog } from "../../server/log.ts";
import { newId } from "../../server/model/ids.ts";
import { held } from "./held.ts";
import { call, open, openWorld, serviceRow, startModel, tokenFor, type CallOptions, type Model, type World } from "./world.ts";

const host = ["Host", "gateway.test"];
const path = "/v1/chat/completions";
const chat = (model: string) => JSON.stringify({ messages: [{ role: "user", content: "hello" }], model });
const bearer = (token: string) => ["Authorization", `Bearer ${token}`];

let world: World;
let closing: AsyncDisposableStack;
beforeEach(async () => {
  closing = new AsyncDisposableStack();
  world = closing.use(await openWorld());
});
afterEach(() => closing.disposeAsync());

/** A model that says who it is, and what it got. */
const echo = async (name: string): Promise<Model> =>
  closing.use(
    await startModel(async (request, response) => {
      const pieces: Buffer[] = [];
      for await (const piece of request) pieces.push(piece as Buffer);
      response.setHeader("X-Model", name);
      response.end(Buffer.concat(pieces));
    }),
  );

const post = (body: CallOptions["body"], headers: readonly string[] = [], options: CallOptions = {}) =>
  call(world.port, { method: "POST", path, headers: [...host, ...headers], ...(body === undefined ? {} : { body }), ...options });

/** `open` and `own` can be called without a token and with one; `other` is another's. */
async function three() {
  const [openModel, ownModel, otherModel] = [await echo("open"), await echo("own"), await echo("other")];
  const rows = {
    open: serviceRow({ name: "open", aliases: ["meta-llama/Llama-3.1-8B"], routes: [openModel.route], endpointHost: "open.test" }),
    own: serviceRow({ name: "own", openToPublic: false, routes: [ownModel.route], endpointHost: "own.test" }),
    other: serviceRow({ name: "other", openToPublic: false, routes: [otherModel.route], endpointHost: "other.test" }),
  };
  await world.show(rows.open, rows.own, rows.other);
  return { rows, token: tokenFor(rows.own.id) };
}

describe("At the main address", () => {
  test.each(["/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/chat/completions?api-version=1"])(
    "POST %s goes to the service that is called as the body's model, or has it as an alias",
    async (where) => {
      const { token } = await three();
      for (const name of ["open", "meta-llama/Llama-3.1-8B"]) {
        const answer = await post(chat(name), [], { path: where });
        expect([answer.status, answer.headers["x-model"], answer.text]).toEqual([200, "open", chat(name)]);
      }
      expect((await post(chat("own"), bearer(token), { path: where })).headers["x-model"]).toBe("own");
    },
  );

  test("the model does not see the token, and the token is known to have been used", async () => {
    const model = await echo("own");
    const row = serviceRow({ name: "own", openToPublic: false, routes: [model.route], endpointHost: "own.test" });
    await world.show(row);
    const tokenId = newId("token");
    await post(chat("own"), ["X-API-Key", tokenFor(row.id, { tokenId })]);
    expect(model.requests[0]?.headers["x-api-key"]).toBeUndefined();
    expect(world.usedTokens).toEqual([tokenId]);
  });

  test("a model that may not be called and one that does not exist are answered alike, as OpenAI words it", async () => {
    const { token } = await three();
    const about = async (name: string, headers: readonly string[]) => {
      const { status, text } = await post(chat(name), headers);
      return { status, text: text.replaceAll(name, "NAME") };
    };
    const withToken = await about("other", bearer(token));
    expect(withToken).toEqual(await about("nothing", bearer(token)));
    expect(withToken.status).toBe(404);
    expect(JSON.parse(withToken.text)).toEqual({
      error: {
        message: "The model `NAME` does not exist, or this token is not for it.",
        type: "not_found_error",
        param: null,
        code: "model_not_found",
      },
    });
    for (const headers of [[], bearer("sk-placeholder"), bearer(tokenFor(newId("service"))), bearer(`${token}x`)]) {
      const without = await about("other", headers);
      expect(without).toEqual(await about("nothing", headers));
      expect(without.status).toBe(401);
    }
  });

  test("what a service's own address is, stays so: paths, tokens and bodies are the model's", async () => {
    await three();
    const answer = await call(world.port, { method: "POST", path, headers: ["Host", "open.test"], body: "not JSON" });
    expect([answer.status, answer.headers["x-model"], answer.text]).toEqual([200, "open", "not JSON"]);
  });

  test.each([
    ["GET", "/v1/chat/completions"],
    ["POST", "/v1/models"],
    ["POST", "/v1/chat/completions/"],
    ["POST", "/v1/responses"],
  ])("%s %s is nobody's", async (method, where) => {
    await three();
    expect((await call(world.port, { method, path: where, headers: host })).status).toBe(404);
  });

  test("a host that a service could have is never answered by another service", async () => {
    const named = closing.use(await openWorld(silentLog, undefined, undefined, { urlTemplate: "https://{service}.models.test" }));
    const model = await echo("open");
    await named.show(serviceRow({ name: "open", routes: [model.route], endpointHost: "open.models.test" }));
    const status = async (at: string) => (await call(named.port, { method: "POST", path, headers: ["Host", at], body: chat("open") })).status;
    expect([await status("gone.models.test"), await status("models.test"), await status("open.models.test")]).toEqual([404, 200, 200]);
  });

  test("of public services of one name the oldest is called, but a token's own before it", async () => {
    const [first, second] = [await echo("first"), await echo("second")];
    const older = serviceRow({ name: "twin", routes: [first.route], endpointHost: "first.test" });
    const newer = serviceRow({ name: "twin", routes: [second.route], endpointHost: "second.test" });
    await world.show(older, newer);
    expect((await post(chat("twin"))).headers["x-model"]).toBe("first");
    expect((await post(chat("twin"), bearer(tokenFor(newer.id)))).headers["x-model"]).toBe("second");
  });

  test("a request waits for a service that is held, and its whole body comes through", async () => {
    const model = await echo("held");
    const row = held({ name: "held", endpointHost: "held.test" });
    await world.show(row);
    const answer = post(chat("held"));
    await expect.poll(() => world.waiting()).toBe(1);
    await world.show({ ...row, status: "HEALTHY", routes: [model.route] });
    expect((await answer).text).toBe(chat("held"));
  });

  test("a name that came into the world a moment ago is known", async () => {
    const model = await echo("new");
    const fresh: World = closing.use(
      await openWorld(silentLog, () => fresh.show(serviceRow({ name: "new", routes: [model.route], endpointHost: "new.test" }))),
    );
    expect((await call(fresh.port, { method: "POST", path, headers: host, body: chat("new") })).status).toBe(200);
  });
});

describe("GET /v1/models", () => {
  const names = async (headers: readonly string[] = []) => {
    const { status, text } = await call(world.port, { path: "/v1/models", headers: [...host, ...headers] });
    const { data } = JSON.parse(text) as { data?: { id: string }[] };
    return data === undefined ? status : data.map(({ id }) => id);
  };

  test("lists what is public, and what the token is for", async () => {
    const { token, rows } = await three();
    expect(await names()).toEqual(["open", "meta-llama/Llama-3.1-8B"]);
    expect(await names(bearer(token))).toEqual(["open", "meta-llama/Llama-3.1-8B", "own"]);
    expect(await names(bearer("sk-placeholder"))).toEqual(["open", "meta-llama/Llama-3.1-8B"]);
    const expired = tokenFor(rows.own.id, { expiresAt: new Date(Date.now() - 1000) });
    expect(await names(bearer(expired))).toBe(401);
    await world.show({ ...rows.open, status: "TERMINATING" });
    expect(await names()).toEqual([]);
  });

  test("of one model says what it is, also of a name with a slash, escaped or not", async () => {
    await three();
    const one = (name: string) => call(world.port, { path: `/v1/models/${name}`, headers: host });
    for (const name of ["meta-llama/Llama-3.1-8B", "meta-llama%2FLlama-3.1-8B"]) {
      expect(JSON.parse((await one(name)).text)).toEqual({
        id: "meta-llama/Llama-3.1-8B",
        object: "model",
        created: 1_700_000_000,
        owned_by: "serai",
      });
    }
    expect((await one("own")).status).toBe(401);
    expect((await one("%E0%A4%A")).status).toBe(401);
  });

  test("says the same to a client that offers another protocol", async () => {
    await three();
    expect(await names(["Connection", "Upgrade", "Upgrade", "x-other"])).toEqual(["open", "meta-llama/Llama-3.1-8B"]);
  });

  test("HEAD says the same without a body", async () => {
    await three();
    const answer = await call(world.port, { method: "HEAD", path: "/v1/models", headers: host });
    expect([answer.status, answer.text, answer.headers["content-type"]]).toEqual([200, "", "application/json"]);
  });
});

describe("A body", () => {
  const code = async (...args: Parameters<typeof post>) => {
    const { status, text } = await post(...args);
    return [status, (JSON.parse(text) as { error: { code: string } }).error.code];
  };

  test("comes through byte for byte where the model is named last, behind an image of 20 MiB", async () => {
    await three();
    const body = JSON.stringify({ messages: [{ role: "user", content: "A".repeat(20 * 1024 * 1024) }], model: "open" });
    const answer = await post(body);
    expect(answer.text === body).toBe(true);
  });

  test("comes through byte for byte in chunks of one byte", async () => {
    await three();
    const body = ` ${chat("open")}\n`;
    const answer = await post(Readable.from(body.split(""), { objectMode: false }));
    expect([answer.status, answer.text]).toEqual([200, body]);
  });

  test("is read no further than needed: the model gets what is there while the client still sends", async () => {
    const model = closing.use(
      await startModel((request, response) => void request.once("data", (piece: Buffer) => response.end(String(piece.length)))),
    );
    await world.show(serviceRow({ name: "open", routes: [model.route], endpointHost: "open.test" }));
    const begun = `{"model":"open","input":"${"a".repeat(100_000)}`;
    const sending = new Readable({ read() {} });
    sending.push(begun);
    const answer = await open(world.port, { method: "POST", path, headers: [...host, "Content-Length", "1000000"], body: sending });
    expect(answer.statusCode).toBe(200);
    answer.destroy();
  });

  test("is asked for once where the client waits to be asked", async () => {
    await three();
    const body = chat("open");
    const socket = connect(world.port, "127.0.0.1");
    closing.defer(() => void socket.destroy());
    const said: string[] = [];
    socket.setEncoding("latin1").on("data", (text: string) => {
      if (said.length === 0) socket.write(body);
      said.push(text);
    });
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: gateway.test\r\nExpect: 100-continue\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`,
    );
    await once(socket, "close");
    expect(said.join("").match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 100", "HTTP/1.1 200"]);
    expect(said.join("")).toContain(body);
  });

  test("that names no model, or not unmistakably, is refused in words", async () => {
    await three();
    for (const body of [undefined, "", "{}", "[]", "hello", '{"model":1}', '{"model":"open","model":"own"}', '{"model":"open"', '{"mod'])
      expect(await code(body)).toEqual([400, "model_not_named"]);
    expect(await code('{"model":"open", "a":"')).toEqual([400, "model_not_named"]);
  });

  test("that is compressed is refused, and called plain it is not", async () => {
    await three();
    expect(await code(gzipSync(chat("open")), ["Content-Encoding", "gzip"])).toEqual([415, "coded_body"]);
    expect((await post(chat("open"), ["Content-Encoding", "identity"])).status).toBe(200);
  });

  test("that does not name its model in time is refused, for its own length or as the longest of many, and nothing of it is kept", async () => {
    const models = { bodyBytesMax: 200_000, allBytesMax: 250_000 };
    const limits = { connections: { perAddressMax: 100, totalMax: 100 }, bodyStallMs: 60_000, models };
    const small = closing.use(await openWorld(silentLog, undefined, limits));
    const model = await echo("open");
    await small.show(serviceRow({ name: "open", routes: [model.route], endpointHost: "open.test" }));
    const send = async (body: CallOptions["body"]) => {
      const { status, text } = await call(small.port, { method: "POST", path, headers: host, ...(body === undefined ? {} : { body }) });
      return status === 200 ? status : (JSON.parse(text) as { error: { code: string } }).error.code;
    };
    const long = (length: number) => `{"messages":"${"a".repeat(length)}","model":"open"}`;
    expect(await send(long(300_000))).toBe("model_too_far");

    const unfinished = new Readable({ read() {} });
    unfinished.push(`{"messages":"${"a".repeat(150_000)}`);
    let told: unknown = null;
    void send(unfinished).then((outcome) => (told = outcome));
    const others = async () => {
      expect(await send(long(190_000))).toBe(200);
      return told;
    };
    await expect.poll(others).toBe("too_many_bodies");
    for (let count = 0; count < 5; count += 1) expect(await send(long(180_000))).toBe(200);
  });

  test("that stops coming is given up, and a client that leaves is nobody's failure", async () => {
    const limits = { connections: { perAddressMax: 100, totalMax: 100 }, bodyStallMs: 100 };
    const hasty = closing.use(await openWorld(silentLog, undefined, limits));
    const socket = connect(hasty.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write(`POST ${path} HTTP/1.1\r\nHost: gateway.test\r\nContent-Length: 1000\r\n\r\n{"mess`);
    await once(socket, "close");
    const leaving = connect(world.port, "127.0.0.1");
    leaving.write(`POST ${path} HTTP/1.1\r\nHost: gateway.test\r\nContent-Length: 1000\r\n\r\n{"mess`);
    await expect.poll(() => world.connections()).toBe(1);
    leaving.destroy();
    await expect.poll(() => world.connections()).toBe(0);
  });
});
