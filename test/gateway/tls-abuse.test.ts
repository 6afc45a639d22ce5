/** What one connection of HTTP/2 can do to cost more than it pays: it loses the connection, and nobody else notices. */
import { connect } from "node:http2";
import { once } from "node:events";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { createCertificates } from "../../server/gateway/certificates.ts";
import { type MadeCertificate, makeCertificate } from "../support/certificate.ts";
import { openRawHttp2, type RawHttp2 } from "./raw-http2.ts";
import { type Model, openTlsWorld, serviceRow, startModel, type World } from "./world.ts";

let made: MadeCertificate;
let model: Model;
let world: World;
beforeAll(async () => {
  made = await makeCertificate();
  model = await startModel((request, response) => void (request.url === "/" && response.end("hello")));
  world = await openTlsWorld(createCertificates(made));
  await world.show(serviceRow({ routes: [model.route] }));
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await model[Symbol.asyncDispose]();
  await made[Symbol.asyncDispose]();
});

const fields = (path: string): [string, string][] => [
  [":method", "GET"],
  [":scheme", "https"],
  [":authority", "service.test"],
  [":path", path],
];
const [resetFrame, settingsFrame, pingFrame, continuationFrame] = [3, 4, 6, 9];

const abuses: Readonly<Record<string, (client: RawHttp2, round: number) => void>> = {
  "opens streams only to reset them": (client, round) => {
    client.headers(2 * round + 1, fields("/waits"), true);
    client.frame(resetFrame, 0, 2 * round + 1, Buffer.of(0, 0, 0, 8));
  },
  "sends nothing but settings": (client) => client.frame(settingsFrame, 0, 0, Buffer.of(0, 3, 0, 0, 0, 100)),
  "sends nothing but pings": (client) => client.frame(pingFrame, 0, 0, Buffer.alloc(8)),
  "never ends the head of its request": (client, round) => {
    if (round === 0) client.frame(1, 0, 1, Buffer.of(0x82));
    else client.frame(continuationFrame, 0, 1, Buffer.concat([Buffer.of(0, 1, 0x61, 100), Buffer.alloc(100, "a")]));
  },
  "sends frames for streams that it never opened": (client, round) => client.data(2 * round + 1001, "x", false),
};

test.each(Object.entries(abuses))("Who %s loses the connection, and others go on", async (name, abuse) => {
  const other = connect(`https://127.0.0.1:${world.port}`, { ca: made.cert });
  onTestFinished(() => other.destroy());
  const abuser = await openRawHttp2(world.port, made.cert);
  onTestFinished(() => void abuser.socket.destroy());
  // Whoever floods does not read the answers.
  if (name.includes("nothing but")) abuser.socket.pause();
  const reached = model.requests.length;
  for (let round = 0; round < 1_000_000 && abuser.socket.writable && !abuser.socket.destroyed; round += 1) {
    if (round % 500 === 0) {
      abuser.socket.uncork();
      await new Promise(setImmediate);
      abuser.socket.cork();
    }
    abuse(abuser, round);
  }
  abuser.socket.uncork();
  abuser.socket.resume();
  if (!abuser.socket.closed) await once(abuser.socket, "close");
  expect(model.requests.length - reached).toBeLessThan(1000);
  const stream = other.request({ ":path": "/", ":authority": "service.test" });
  const [headers] = (await once(stream, "response")) as [{ ":status": number }];
  expect(headers[":status"]).toBe(200);
});
