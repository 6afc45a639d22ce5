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
