import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { testApi } from "../support/api.ts";
import { askAndReset, upgradeTo } from "../support/reset.ts";

test("clients whose connection is reset while they upgrade take nothing down with them", async () => {
  await using api = await testApi();
  const port = Number(new URL(api.url).port);
  for (const path of ["/", "/elsewhere", "/graphql"]) {
    for (let count = 0; count < 20; count += 1) await askAndReset(port, upgradeTo(path));
    expect((await fetch(`${api.url}/healthz`)).status).toBe(200);
  }
});

test("whoever upgrades anywhere but at /graphql is told 404 and let go, also one who keeps its half open", async () => {
  await using api = await testApi();
  const socket = connect({ host: "127.0.0.1", port: Number(new URL(api.url).port), allowHalfOpen: true });
  socket.write(upgradeTo("/elsewhere"));
  const [head] = (await once(socket, "data")) as [Buffer];
  expect(head.toString()).toMatch(/^HTTP\/1\.1 404 /);
  await once(socket, "end");
  // What the API does not hold open any more is answered by a reset.
  socket.on("error", () => {});
  const closed = new Promise((resolve) => socket.once("close", resolve));
  const writing = setInterval(() => socket.write("still here"), 20);
  await closed;
  clearInterval(writing);
});
