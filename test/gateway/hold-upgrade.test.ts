import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { upgradeTo } from "../support/reset.ts";
import { held, inMs, rawClient, waiting } from "./held.ts";
import { openWorld, startModel, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

describe("A WebSocket that is opened while the seat is handed on", () => {
  const connectTo = () => new WebSocket(`ws://127.0.0.1:${world.port}/`, { headers: { Host: "service.test" } });

  test("waits and is opened", async () => {
    await using model = await startModel();
    const sockets = new WebSocketServer({ server: model.server });
    sockets.on("connection", (socket) => socket.on("message", (data) => socket.send(data)));
    const row = held();
    await world.show(row);
    const socket = connectTo();
    const opened = once(socket, "open");
    await waiting(world, 1);
    await world.show({ ...row, routes: [model.route] });
    await opened;
    socket.send("hello");
    const [data] = (await once(socket, "message")) as [Buffer];
    expect(data.toString()).toBe("hello");
    socket.terminate();
    for (const one of sockets.clients) one.terminate();
  });

  test("counts no more when its client leaves, in whichever way", async () => {
    await world.show(held());
    const socket = connectTo().on("error", () => {});
    const half = await rawClient(world, upgradeTo("/", "service.test"));
    const reset = await rawClient(world, upgradeTo("/", "service.test"));
    await waiting(world, 3);
    socket.terminate();
    await waiting(world, 2);
    half.socket.end();
    await waiting(world, 1);
    reset.socket.resetAndDestroy();
    await waiting(world, 0);
  });

  test("keeps what its client sent too early", async () => {
    await using model = await startModel();
    const received = Promise.withResolvers<string>();
    model.server.on("upgrade", async (_request, socket, head) => {
      socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
      let text = head.toString();
      for await (const chunk of socket) {
        text += String(chunk);
        // Leaving the loop closes the connection.
        if (text.length === "earlyearlier".length) break;
      }
      received.resolve(text);
    });
    const row = held();
    await world.show(row);
    const { socket } = await rawClient(world, `${upgradeTo("/", "service.test")}early`);
    await waiting(world, 1);
    await new Promise((resolve) => socket.write("earlier", resolve));
    await world.show({ ...row, routes: [model.route] });
    expect(await received.promise).toBe("earlyearlier");
  });

  test("gets 503 with Retry-After when the hold is over", async () => {
    await world.show(held({ holdUntil: inMs(100) }));
    const { received } = await rawClient(world, upgradeTo("/", "service.test"));
    await expect.poll(received).toMatch(/^HTTP\/1.1 503 [^]*\r\nRetry-After: [1-9]\d*\r\n/);
  });
});
