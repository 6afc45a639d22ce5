/** What HTTP/2 can say and HTTP/1.1 cannot, or says otherwise: refused, or of one meaning to the server behind. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createCertificates } from "../../server/gateway/certificates.ts";
import { type MadeCertificate, makeCertificate } from "../support/certificate.ts";
import { openRawHttp2, type RawHttp2 } from "./raw-http2.ts";
import { openStrictRecorder, type StrictRecorder } from "./strict-recorder.ts";
import { openTlsWorld, serviceRow, type World } from "./world.ts";

let made: MadeCertificate;
let recorder: StrictRecorder;
let world: World;
let client: RawHttp2;
beforeAll(async () => {
  made = await makeCertificate();
  recorder = await openStrictRecorder();
  world = await openTlsWorld(createCertificates(made));
  await world.show(serviceRow({ routes: [recorder.route] }));
});
afterEach(() => void client.socket.destroy());
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await recorder[Symbol.asyncDispose]();
  await made[Symbol.asyncDispose]();
});

type Field = readonly [string, string];
type Sent = { readonly fields: readonly Field[]; readonly body?: readonly string[] };

const pseudo = (overrides: Readonly<Record<string, string | null>> = {}): Field[] =>
  Object.entries({ ":method": "POST", ":scheme": "https", ":authority": "service.test", ":path": "/", ...overrides }).flatMap(([name, value]) =>
    value === null ? [] : [[name, value] as const],
  );
const withField = (name: string, value: string, body: readonly string[] = []): Sent => ({ fields: [...pseudo(), [name, value]], body });
const withPseudo = (overrides: Readonly<Record<string, string | null>>, ...fields: readonly Field[]): Sent => ({
  fields: [...pseudo(overrides), ...fields],
});
const webSocket = (overrides: Readonly<Record<string, string | null>> = {}): Field[] =>
  pseudo({ ":method": "CONNECT", ":protocol": "websocket", ...overrides });
const smuggled = "GET /smuggled HTTP/1.1\r\nHost: service.test\r\n\r\n";

/** Fields that nghttp2 takes for not sent. */
const dropped: Readonly<Record<string, Sent>> = {
  "CR LF in a value": withField("x-a", `b\r\n\r\n${smuggled}`),
  "LF in a value": withField("x-a", "b\nX-Injected: 1"),
  "CR in a value": withField("x-a", "b\rc"),
  "NUL in a value": withField("x-a", "b\0c"),
  "CR LF in a name": withField("x-a: b\r\nx-injected", "c"),
  "a colon in a name": withField("x-a:b", "c"),
  "a space in a name": withField("x-a b", "c"),
  "no name": withField("", "c"),
  "a name beyond ASCII": withField("x-\xe4", "b"),
};

const refused: Readonly<Record<string, Sent>> = {
  "a name in upper case": withField("X-A", "b"),
  "transfer-encoding": withField("transfer-encoding", "chunked", ["0\r\n\r\n", smuggled]),
  "transfer-encoding beside a length": { fields: [...pseudo(), ["content-length", "5"], ["transfer-encoding", "chunked"]], body: ["0\r\n\r\n"] },
  connection: withField("connection", "x-forwarded-for"),
  "keep-alive": withField("keep-alive", "timeout=5"),
  "proxy-connection": withField("proxy-connection", "keep-alive"),
  upgrade: withField("upgrade", "websocket"),
  "te of more than trailers": withField("te", "gzip"),
  "a length beyond the body": withField("content-length", "10", ["12345"]),
  "two lengths": { fields: [...pseudo(), ["content-length", "5"], ["content-length", "6"]], body: ["12345"] },
  "a list of lengths": withField("content-length", "5, 5", ["12345"]),
  "a length with a sign": withField("content-length", "+5", ["12345"]),
  "a length in another notation": withField("content-length", "0x5", ["12345"]),
  "an empty length": withField("content-length", "", ["12345"]),
  "a host that is not the authority": withField("host", "other.test"),
  "two hosts and an authority": { fields: [...pseudo(), ["host", "service.test"], ["host", "other.test"]] },
  "two hosts and no authority": withPseudo({ ":authority": null }, ["host", "service.test"], ["host", "other.test"]),
  "neither host nor authority": withPseudo({ ":authority": null }),
  "an empty authority": withPseudo({ ":authority": "" }),
  "an authority with user": withPseudo({ ":authority": "user@service.test" }),
  "an authority with a path": withPseudo({ ":authority": "service.test/x" }),
  "an authority with a space": withPseudo({ ":authority": "service.test x" }),
  "CR LF in the authority": withPseudo({ ":authority": "service.test\r\nX-Injected: 1" }),
  "two authorities": { fields: [...pseudo(), [":authority", "other.test"]] },
  "two paths": { fields: [...pseudo(), [":path", "/other"]] },
  "two methods": { fields: [...pseudo(), [":method", "GET"]] },
  "a pseudo field after others": { fields: [["x-a", "b"], ...pseudo()] },
  "an unknown pseudo field": { fields: [[":other", "b"], ...pseudo()] },
  "a status": { fields: [[":status", "200"], ...pseudo()] },
  "no path": withPseudo({ ":path": null }),
  "an empty path": withPseudo({ ":path": "" }),
  "a path without a slash": withPseudo({ ":path": "x" }),
  "a path for all": withPseudo({ ":path": "*" }),
  "an absolute path": withPseudo({ ":path": "http://other.test/" }),
  "a space in the path": withPseudo({ ":path": "/ HTTP/1.1\r\nX: y" }),
  "CR LF in the path": withPseudo({ ":path": `/ HTTP/1.1\r\nHost: service.test\r\n\r\n${smuggled}` }),
  "a tab in the path": withPseudo({ ":path": "/a\tb" }),
  "a fragment": withPseudo({ ":path": "/a#b" }),
  "a path beyond ASCII": withPseudo({ ":path": "/\xff" }),
  "no method": withPseudo({ ":method": null }),
  "an empty method": withPseudo({ ":method": "" }),
  "a method with a space": withPseudo({ ":method": "GET /smuggled HTTP/1.1\r\nX:" }),
  CONNECT: withPseudo({ ":method": "CONNECT", ":path": null, ":scheme": null }),
  "CONNECT for another protocol": withPseudo({ ":method": "CONNECT" }, [":protocol", "connect-udp"]),
  "CONNECT for two protocols": { fields: [...webSocket(), [":protocol", "websocket"]] },
  "CONNECT for a WebSocket without a path": { fields: webSocket({ ":path": null }) },
  "CONNECT for a WebSocket without a scheme": { fields: webSocket({ ":scheme": null }) },
  "CONNECT for a WebSocket with a length": { fields: [...webSocket(), ["content-length", "5"]], body: ["12345"] },
  "CONNECT for a WebSocket with a coding": { fields: [...webSocket(), ["transfer-encoding", "chunked"]], body: ["0\r\n\r\n"] },
  "CONNECT for a WebSocket with an upgrade": { fields: [...webSocket(), ["upgrade", "h2c"]] },
  "CONNECT for a WebSocket with CR LF in its path": { fields: webSocket({ ":path": `/ HTTP/1.1\r\nHost: service.test\r\n\r\n${smuggled}` }) },
  "a protocol without CONNECT": { fields: webSocket({ ":method": "GET" }) },
  "no scheme": withPseudo({ ":scheme": null }),
  "an expectation that we do not know": withField("expect", "200-ok"),
};

const taken: Readonly<Record<string, Sent & { readonly expected: string }>> = {
  "a body without a length": { ...withField("x-a", "b", ["123", "45"]), expected: "12345" },
  "a body of chunks, as text": { ...withField("x-a", "b", ["0\r\n\r\n", smuggled]), expected: `0\r\n\r\n${smuggled}` },
  "a length that is right": { ...withField("content-length", "5", ["123", "45"]), expected: "12345" },
  "a host that is the authority": { ...withField("host", "service.test"), expected: "" },
  "a host and no authority": { ...withPseudo({ ":authority": null }, ["host", "service.test"]), expected: "" },
  "te of trailers": { ...withField("te", "trailers"), expected: "" },
  "an obsolete text": { ...withField("x-a", "gr\xfc\xdfe"), expected: "" },
  "settings of an upgrade": { ...withField("http2-settings", "AAMAAABkAAQAAP__"), expected: "" },
};

async function send(name: string, { fields, body = [] }: Sent): Promise<string> {
  client = await openRawHttp2(world.port, made.cert);
  client.headers(1, [...fields, ["x-case", encodeURIComponent(name)]], body.length === 0);
  for (const [at, text] of body.entries()) client.data(1, text, at === body.length - 1);
  await expect.poll(() => client.fateOf(1)).not.toBeNull();
  return client.fateOf(1) ?? "";
}

describe("By HTTP/2", () => {
  test.each(Object.entries(refused))("%s is refused, and nothing of it is a request for the route", async (name, sent) => {
    expect(await send(name, sent)).toMatch(/^(400|404|other|reset \d+|closed)$/);
    expect(recorder.violations).toEqual([]);
    expect(recorder.requestsOf(encodeURIComponent(name))).toEqual([]);
    expect(recorder.requests.filter(({ line }) => line.includes("smuggled"))).toEqual([]);
  });

  test.each(Object.entries(dropped))("%s does not pass", async (name, sent) => {
    expect(await send(name, sent)).toBe("200");
    expect(recorder.violations).toEqual([]);
    const [recorded, ...more] = recorder.requestsOf(encodeURIComponent(name));
    expect(recorded?.headers.filter((header) => /^x-(?!case|forwarded|request)|^:|smuggled/i.test(header))).toEqual([]);
    expect(more).toEqual([]);
    expect(recorder.requests.filter(({ line }) => line.includes("smuggled"))).toEqual([]);
  });

  test.each(Object.entries(taken))("%s has one meaning", async (name, { expected, ...sent }) => {
    expect(await send(name, sent)).toBe("200");
    expect(recorder.violations).toEqual([]);
    expect(recorder.requestsOf(encodeURIComponent(name)).map(({ body }) => body)).toEqual([expected]);
    expect(recorder.requests.filter(({ line }) => line.includes("smuggled"))).toEqual([]);
  });

  test.each([
    ["0", ""],
    ["3", "123"],
  ])("what stands behind a length of %s is nothing of the request, nor another one", async (length, body) => {
    const name = `behind-${length}`;
    expect(await send(name, withField("content-length", length, [body, smuggled]))).toMatch(/^(200|reset \d+|closed)$/);
    expect(recorder.violations).toEqual([]);
    // It may have been on its way, whole, when the rest came.
    expect(recorder.requestsOf(name).filter((recorded) => recorded.body !== body)).toEqual([]);
    expect(recorder.requests.filter(({ line }) => line.includes("smuggled"))).toEqual([]);
  });

  test("CONNECT for a WebSocket is one handshake: what stands behind it reaches no route that has not agreed, and 200 is no agreement", async () => {
    expect(await send("websocket", { fields: webSocket(), body: [smuggled, smuggled] })).toBe("other");
    expect(recorder.violations).toEqual([]);
    expect(recorder.requestsOf("websocket").map(({ line, body }) => [line, body])).toEqual([["GET / HTTP/1.1", ""]]);
    expect(recorder.requests.filter(({ line }) => line.includes("smuggled"))).toEqual([]);
  });

  test("a body that is reset in the middle never looks whole", async () => {
    for (const [at, code] of [0, 2, 8].entries()) {
      client = await openRawHttp2(world.port, made.cert);
      const before = recorder.requests.length;
      client.headers(1, [...pseudo(), ["x-case", `reset-${at}`]], false);
      client.data(1, "half of it", false);
      await expect.poll(() => recorder.unfinished()).toEqual([expect.stringContaining("half of it")]);
      client.frame(3, 0, 1, Buffer.of(0, 0, 0, code));
      await expect.poll(() => recorder.unfinished()).toEqual([]);
      expect(recorder.requests).toHaveLength(before);
      client.socket.destroy();
    }
  });
});
