import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RawRequest, rawRequests } from "./raw-requests.ts";
import { openStrictRecorder, type StrictRecorder } from "./strict-recorder.ts";
import { call, openWorld, serviceRow, type World } from "./world.ts";

let recorder: StrictRecorder;
let world: World;
beforeAll(async () => {
  recorder = await openStrictRecorder();
  world = await openWorld();
  await world.show(serviceRow({ routes: [recorder.route] }));
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await recorder[Symbol.asyncDispose]();
});

/** What comes back before the gateway closes the connection, or while nothing more comes for some time; then the client leaves. */
async function send(bytes: string): Promise<string> {
  const socket = connect(world.port, "127.0.0.1").setEncoding("latin1");
  let text = "";
  socket.on("data", (chunk: string) => (text += chunk)).on("error", () => {});
  socket.write(bytes, "latin1");
  for (let before = "-"; !socket.closed && before !== text;) {
    before = text;
    await pause(300);
  }
  socket.destroy();
  return text;
}

/** The status of every answer; bodies have a length always. */
function statusesOf(text: string): string[] {
  const statuses: string[] = [];
  for (let rest = text; rest !== "";) {
    const [all = rest, status = "none"] = /^HTTP\/1\.1 (\d{3}) [^]*?\r\n\r\n/.exec(rest) ?? [];
    statuses.push(status);
    const length = Number(/content-length: *(\d+)/i.exec(all)?.[1] ?? 0);
    rest = rest.slice(all.length + (status.startsWith("1") ? 0 : length));
  }
  return statuses.filter((status) => status !== "100");
}

const body = '{"model":"service"}';
const smuggled = "GET /smuggled HTTP/1.1\r\nHost: service.test\r\n\r\n";
const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
const length = (bytes: number) => `Content-Length: ${bytes}`;

describe("At the main address, where the body is read before it is known whose it is,", () => {
  test.each([
    { name: "a request behind it is its own", headers: [length(body.length)], bytes: body + smuggled, statuses: ["200", "200"], count: 1 },
    {
      name: "a chunked one ends where it says",
      headers: ["Transfer-Encoding: chunked"],
      bytes: chunked + smuggled,
      statuses: ["200", "200"],
      count: 1,
    },
    { name: "what is in the body stays there", headers: [length((body + smuggled).length)], bytes: body + smuggled, statuses: ["200"], count: 1 },
    { name: "one that is cut names nothing", headers: [length(9)], bytes: body.slice(0, 9) + smuggled, statuses: ["400", "200"], count: 0 },
    { name: "two framings", headers: [length(body.length), "Transfer-Encoding: chunked"], bytes: chunked, statuses: ["400"], count: 0 },
    { name: "two lengths", headers: [length(body.length), length(3)], bytes: body, statuses: ["400"], count: 0 },
    { name: "a coding beside chunked", headers: ["Transfer-Encoding: gzip, chunked"], bytes: chunked, statuses: ["400"], count: 0 },
  ])("$name", async ({ name, headers, bytes, statuses, count }) => {
    const head = ["POST /v1/chat/completions HTTP/1.1", "Host: gateway.test", `X-Case: front ${name}`, ...headers].join("\r\n");
    expect(statusesOf(await send(`${head}\r\n\r\n${bytes}`))).toEqual(statuses);
    expect(recorder.requestsOf(`front ${name}`)).toHaveLength(count);
    expect(recorder.violations).toEqual([]);
  });
});

describe("Bytes that parsers disagree on", () => {
  test("are at least 150, each with a name of its own", () => {
    expect(rawRequests.length).toBeGreaterThanOrEqual(150);
    expect(new Set(rawRequests.map(({ name }) => name)).size).toBe(rawRequests.length);
  });

  test("are refused, or reach the route with one meaning only; and never is one client's byte taken for another one's request", async () => {
    const answers = new Map<string, string>();
    const waiting = [...rawRequests];
    const one = async (): Promise<void> => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) answers.set(next.name, await send(next.bytes));
    };
    await Promise.all(Array.from({ length: 40 }, one));
    expect(recorder.violations).toEqual([]);

    const wrong = rawRequests.flatMap(({ name, bytes }: RawRequest) => {
      const statuses = statusesOf(answers.get(name) ?? "");
      const count = recorder.requestsOf(name).length;
      const answered = statuses.filter((status) => status === "200").length;
      const isHonest = statuses.every((status) => /^(200|400|404|408|417|431|501|505)$/.test(status));
      // One request of the case at most; a second answer is to what stood behind it, and to that only where it was whole.
      const isOne = count <= 1 && answered <= count + 1 && (answered <= 1 || bytes.includes("GET /smuggled"));
      return isHonest && isOne ? [] : [{ name, bytes, statuses, count }];
    });
    expect(wrong).toEqual([]);
    const both = rawRequests.filter(({ name }) => name.startsWith("both"));
    const seen = both.filter(({ name }) =>
      recorder.requestsOf(name).some(({ headers }) => headers.some((header) => /^transfer-encoding/i.test(header))),
    );
    expect(seen.map(({ name, bytes }) => ({ name, bytes }))).toEqual([]);
    expect((await call(world.port)).text).toBe("recorded");
  }, 60_000);
});
