import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { call, countBytes, open, openWorld, serviceRow, startModel, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

describe("An answer", () => {
  test("arrives with the model's status, reason, headers in order and every Set-Cookie, byte for byte", async () => {
    const sent = ["X-B", "1", "x-a", "Gr\xfc\xdfe", "X-B", "2", "Set-Cookie", "a=1", "Set-Cookie", "b=2", "Content-Length", "2", "Date", "now"];
    const lines = sent.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${sent[at + 1]}`] : []));
    const head = `HTTP/1.1 418 Short and stout\r\n${lines.join("\r\n")}\r\n\r\n`;
    for (const [first, rest] of [
      [`${head}ok`, ""],
      [head, "ok"],
    ] as const) {
      await using model = await startModel((request) => void request.socket.write(first, "latin1"));
      await world.show(serviceRow({ routes: [model.route] }));
      const answer = await open(world.port);
      model.requests[0]?.socket.write(rest);
      expect(await countBytes(answer)).toBe(2);
      expect([answer.statusCode, answer.statusMessage]).toEqual([418, "Short and stout"]);
      expect(answer.rawHeaders.slice(0, sent.length)).toEqual(sent);
    }
  });

  test("streams: each server-sent event arrives before the next one is sent, and the head before the first", async () => {
    const started = Promise.withResolvers<ServerResponse>();
    await using model = await startModel((_request, response) => {
      response.writeHead(200, { "Content-Type": "text/event-stream" }).flushHeaders();
      started.resolve(response);
    });
    await world.show(serviceRow({ routes: [model.route] }));
    const answer = await open(world.port);
    const stream = await started.promise;
    for (const event of ["data: one\n\n", "data: two\n\n", "data: three\n\n"]) {
      stream.write(event);
      const [chunk] = (await once(answer, "data")) as [Buffer];
      expect(chunk.toString()).toBe(event);
    }
    stream.end();
    await once(answer, "end");
  });

  test("to HEAD keeps its length and has no body; 204 and 304 pass as they are", async () => {
    await using model = await startModel((request, response) => {
      const status = Number(request.url?.slice(1));
      response.writeHead(status, status === 200 ? { "Content-Length": 1234 } : { ETag: "x" }).end();
    });
    await world.show(serviceRow({ routes: [model.route] }));
    const head = await call(world.port, { method: "HEAD", path: "/200" });
    expect(head).toMatchObject({ status: 200, text: "", headers: { "content-length": "1234" } });
    for (const status of [204, 304]) {
      expect(await call(world.port, { path: `/${status}` })).toMatchObject({ status, text: "", headers: { etag: "x" } });
    }
  });

  test("keeps its trailers", async () => {
    await using model = await startModel((_request, response) => {
      response.writeHead(200, { Trailer: "X-Checksum" }).write("body");
      response.addTrailers({ "X-Checksum": "42" });
      response.end();
    });
    await world.show(serviceRow({ routes: [model.route] }));
    const answer = await open(world.port);
    expect(await countBytes(answer)).toBe(4);
    expect(answer.trailers).toEqual({ "x-checksum": "42" });
  });

  test("that the model breaks off is an error for the client, never a short answer that looks whole", async () => {
    await using model = await startModel((request, response) => {
      if (request.url === "/length") response.setHeader("Content-Length", 1000);
      response.write("beginning");
      setImmediate(() => response.destroy());
    });
    await world.show(serviceRow({ routes: [model.route] }));
    for (const path of ["/length", "/chunked"]) await expect(call(world.port, { path })).rejects.toThrow("aborted");
  });
});

describe("A large body", () => {
  const size = 64 * 1024 * 1024;
  function source() {
    const made = { bytes: 0 };
    function* chunks() {
      for (; made.bytes < size; made.bytes += 65_536) yield Buffer.alloc(65_536);
    }
    return { made, stream: Readable.from(chunks(), { objectMode: false }) };
  }
  /** Resolves when nothing more is made although other requests come and go. */
  const stalls = (made: { bytes: number }) =>
    expect
      .poll(async () => {
        const before = made.bytes;
        for (let count = 0; count < 10; count += 1) await call(world.port, { path: "/quick" });
        return made.bytes - before;
      })
      .toBe(0);

  test("goes up whole, with and without a declared length", async () => {
    await using model = await startModel(async (request, response) => void response.end(String(await countBytes(request))));
    await world.show(serviceRow({ routes: [model.route] }));
    const length = ["Content-Length", String(size)];
    for (const headers of [["Transfer-Encoding", "chunked"], length, [...length, "Expect", "100-continue"]]) {
      expect((await call(world.port, { method: "POST", headers, body: source().stream })).text).toBe(String(size));
    }
    expect(model.requests.map((request) => request.headers["content-length"])).toEqual([undefined, String(size), String(size)]);
  });

  test("goes up no faster than the model reads it", async () => {
    const reading = Promise.withResolvers<void>();
    await using model = await startModel(async (request, response) => {
      if (request.url !== "/quick") await reading.promise;
      response.end(String(await countBytes(request)));
    });
    await world.show(serviceRow({ routes: [model.route] }));
    const { made, stream } = source();
    const answer = call(world.port, { method: "POST", headers: ["Transfer-Encoding", "chunked"], body: stream });
    await once(model.server, "request");
    await stalls(made);
    expect(made.bytes).toBeLessThan(size / 2);
    reading.resolve();
    expect((await answer).text).toBe(String(size));
  });

  test("comes down whole, no faster than the client reads it", async () => {
    const { made, stream } = source();
    await using model = await startModel((request, response) => void (request.url === "/quick" ? response.end() : stream.pipe(response)));
    await world.show(serviceRow({ routes: [model.route] }));
    const answer = await open(world.port);
    await stalls(made);
    expect(made.bytes).toBeLessThan(size / 2);
    expect(await countBytes(answer)).toBe(size);
  });

  test("that the model refuses half way gets the model's own answer", async () => {
    await using model = await startModel((request, response) => void response.writeHead(413).end("too large", () => request.resume()));
    await world.show(serviceRow({ routes: [model.route] }));
    const answer = await call(world.port, { method: "POST", headers: ["Transfer-Encoding", "chunked"], body: source().stream });
    expect(answer).toMatchObject({ status: 413, text: "too large" });
  });
});

describe("A request", () => {
  test("keeps method, path, query and Host, and says where it came from", async () => {
    await using model = await startModel();
    await world.show(serviceRow({ routes: [model.route], endpoint: "https://service.test" }));
    await call(world.port, { method: "DELETE", path: "/a/../b%2F?x=1&x=2", headers: ["host", "Service.Test:8080", "X-Two", "1", "X-Two", "2"] });
    const [received] = model.requests;
    expect([received?.method, received?.url]).toEqual(["DELETE", "/a/../b%2F?x=1&x=2"]);
    expect(received?.headersDistinct).toMatchObject({
      host: ["Service.Test:8080"],
      "x-two": ["1", "2"],
      "x-forwarded-for": ["127.0.0.1"],
      "x-forwarded-proto": ["https"],
      "x-forwarded-host": ["Service.Test:8080"],
    });
  });

  test("that its client gives up ends at the model as well, and is not held against the route", async () => {
    let closed = Promise.withResolvers<void>();
    await using model = await startModel((request, response) => {
      if (request.url === "/quick") return void response.end("hello");
      if (request.url === "/stream") response.write("begun");
      response.once("close", () => closed.resolve());
    });
    await world.show(serviceRow({ routes: [model.route] }));
    for (const options of [{ path: "/silent" }, { path: "/silent", method: "POST", body: "x" }, { path: "/stream" }]) {
      closed = Promise.withResolvers();
      const client = new AbortController();
      const arrived = once(model.server, "request");
      const answer = call(world.port, { ...options, signal: client.signal });
      answer.catch(() => {});
      await arrived;
      client.abort();
      await expect(answer).rejects.toThrow();
      await closed.promise;
    }
    expect((await call(world.port, { path: "/quick" })).status).toBe(200);
  });
});
