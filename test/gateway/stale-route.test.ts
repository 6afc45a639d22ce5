import { once } from "node:events";
import { Agent, createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { newId } from "../../server/model/ids.ts";
import { call, openWorld, serviceRow } from "./world.ts";

const rounds = 40;

test("When a route is replaced and its port is another service's at once, no request reaches the wrong one, whatever was under way", async () => {
  const strangers: string[] = [];
  const servers = new Set<Server>();
  const close = async (server: Server) => {
    const closed = once(server.close(), "close");
    server.closeAllConnections();
    servers.delete(server);
    await closed;
  };
  const serve = async (host: string, port: number): Promise<Server> => {
    const server = createServer((request, response) => {
      if (request.headers.host !== host) strangers.push(`${request.headers.host} at ${host}`);
      setTimeout(() => response.end(host), request.url === "/slow" ? 30 : 0);
    });
    servers.add(server);
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return server;
  };
  const routeTo = (server: Server) => ({
    id: newId("route"),
    revisionId: newId("revision"),
    host: "127.0.0.1",
    port: (server.address() as AddressInfo).port,
    isNew: false,
  });
  onTestFinished(async () => void (await Promise.all([...servers].map(close))));

  await using world = await openWorld();
  const names = ["a.test", "b.test"] as const;
  const [a, b] = names.map((name) => ({ id: newId("service"), endpointHost: name }));
  const agent = new Agent({ keepAlive: true, maxSockets: 20 });
  onTestFinished(() => agent.destroy());
  const load = { isOver: false, answers: 0 };
  const calling = names.flatMap((name) =>
    ["/", "/slow", "/", "/slow"].map(async (path) => {
      while (!load.isOver) {
        const { status, text } = await call(world.port, { path, headers: ["Host", name], agent });
        if (status === 200 && text !== name) strangers.push(`${text} answered ${name}`);
        load.answers += status === 200 ? 1 : 0;
      }
    }),
  );

  let ofA = await serve("a.test", 0);
  for (let round = 0; round < rounds; round += 1) {
    const route = routeTo(ofA);
    await world.show(serviceRow({ ...a, routes: [route] }), serviceRow({ ...b }));
    await call(world.port, { headers: ["Host", "a.test"], agent });
    const successor = await serve("a.test", 0);
    await world.show(serviceRow({ ...a, routes: [routeTo(successor)] }), serviceRow({ ...b }));
    await close(ofA);
    const ofB = await serve("b.test", route.port);
    await world.show(serviceRow({ ...a, routes: [routeTo(successor)] }), serviceRow({ ...b, routes: [routeTo(ofB)] }));
    expect((await call(world.port, { headers: ["Host", "b.test"], agent })).text).toBe("b.test");
    await world.show(serviceRow({ ...a, routes: [routeTo(successor)] }), serviceRow({ ...b }));
    await close(ofB);
    ofA = successor;
  }
  load.isOver = true;
  await Promise.all(calling);
  expect(strangers).toEqual([]);
  expect(load.answers).toBeGreaterThan(rounds);
});
