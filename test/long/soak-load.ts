/** Callers of all kinds, who remember how each request ended for them. */
import { Agent, request as openRequest } from "node:http";
import { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { WebSocket } from "ws";
import { type Outcome, outcomes } from "../../server/model/traffic.ts";
import { call, countBytes, open } from "../gateway/world.ts";

export type Seen = Record<Outcome, number> & { readonly odd: string[] };
const nothingSeen = (): Seen => ({ ...(Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) as Record<Outcome, number>), odd: [] });

export type Load = AsyncDisposable & {
  /** All kinds of requests at once, until the time is over and the last has ended. */
  run(ms: number): Promise<void>;
  /** Of those that stay until the end, and of those that leave before. */
  readonly patient: Seen;
  readonly leaving: Seen;
};

const classOf = (status: number): Outcome => `${Math.floor(status / 100)}xx` as Outcome;
const random = (most: number): number => Math.floor(Math.random() * most);

/** @param hasReached whether the model has seen the request of that name. */
export function openLoad(port: number, hasReached: (name: string) => boolean): Load {
  const patient = nothingSeen();
  const leaving = nothingSeen();
  const agent = new Agent({ keepAlive: true });
  const toPatient = ["Host", "patient.test"];
  const toLeaving = ["Host", "leaving.test"];

  async function small(): Promise<void> {
    const { status } = await call(port, { headers: toPatient, path: Math.random() < 0.1 ? "/missing" : "/small", agent });
    patient[classOf(status)] += 1;
  }

  async function read(seen: Seen, answer: Awaited<ReturnType<typeof open>>): Promise<void> {
    const status = answer.statusCode ?? 0;
    seen[
      await countBytes(answer).then(
        () => classOf(status),
        () => "broken" as const,
      )
    ] += 1;
  }

  const stream = async () => read(patient, await open(port, { headers: toPatient, path: "/stream" }));

  async function upload(): Promise<void> {
    const chunks = Array.from({ length: 1 + random(16) }, () => Buffer.alloc(16_384));
    await read(patient, await open(port, { headers: toPatient, method: "POST", path: "/upload", body: Readable.from(chunks) }));
  }

  async function webSocket(): Promise<void> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/socket`, { headers: { Host: "patient.test" } });
    const status = await new Promise<number>((resolve, reject) => {
      socket.once("open", () => resolve(101));
      socket.once("unexpected-response", (_request, answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      });
      socket.once("error", reject);
    });
    patient[classOf(status)] += 1;
    socket.on("error", () => {});
    if (status !== 101) return;
    const closed = new Promise((resolve) => socket.once("close", resolve));
    for (let count = 0; count < 10 && socket.readyState === WebSocket.OPEN; count += 1) {
      socket.send("x".repeat(1000));
      await pause(random(40));
    }
    socket.close();
    await closed;
  }

  async function leaveWithin(): Promise<void> {
    const answer = await open(port, { headers: toLeaving, path: "/stream" });
    await pause(random(60));
    answer.destroy();
    leaving[classOf(answer.statusCode ?? 0)] += 1;
  }

  /** Leaves when the model has the request, which it never answers. */
  async function leaveBefore(): Promise<void> {
    const name = `/silent/${Math.random()}`;
    const outgoing = openRequest({ host: "127.0.0.1", port, path: name, headers: toLeaving, agent: false });
    const answered: { status: number | null } = { status: null };
    const ended = new Promise((resolve) => outgoing.once("close", resolve));
    outgoing
      .on("error", () => {})
      .once("response", (answer) => {
        answered.status = answer.statusCode ?? 0;
        answer.resume();
      });
    outgoing.end();
    while (!hasReached(name) && answered.status === null) await pause(5);
    await pause(random(20));
    if (answered.status === null) outgoing.destroy();
    await ended;
    leaving[answered.status === null ? "gone" : classOf(answered.status)] += 1;
  }

  const kinds = [small, small, small, stream, upload, webSocket, leaveWithin, leaveBefore];
  return {
    patient,
    leaving,
    async run(ms) {
      const untilMs = performance.now() + ms;
      const caller = async (): Promise<void> => {
        while (performance.now() < untilMs) {
          const kind = kinds[random(kinds.length)] ?? small;
          await kind().catch((thrown: unknown) => patient.odd.push(`${kind.name}: ${String(thrown)}`));
        }
      };
      await Promise.all(Array.from({ length: 40 }, caller));
    },
    async [Symbol.asyncDispose]() {
      agent.destroy();
    },
  };
}
