/** Services whose seat is being handed on, and clients that wait. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, onTestFinished } from "vitest";
import type { RouteTableRow } from "../../server/store/route-table.ts";
import { type Answer, serviceRow, type World } from "./world.ts";

export const inMs = (ms: number): Date => new Date(Date.now() + ms);

/** A service whose only seat is being handed on. */
export const held = (overrides: Partial<RouteTableRow> = {}): RouteTableRow =>
  serviceRow({ status: "PROVISIONING", holdUntil: inMs(60_000), ...overrides });

/** Resolves when so many wait. */
export const waiting = (world: World, count: number): Promise<void> =>
  expect.poll(() => world.waiting(), { interval: 5, timeout: 20_000 }).toBe(count);

export function expectProblem(answer: Answer, status: number, code: string): void {
  expect(answer).toMatchObject({ status, headers: { "content-type": "application/problem+json" } });
  expect(JSON.parse(answer.text)).toMatchObject({ status, code });
  if (status === 503) expect(answer.headers["retry-after"]).toMatch(/^[1-9]\d*$/);
}

/** Sends what it is told, and keeps what comes back. */
export async function rawClient({ port }: World, text: string): Promise<{ readonly socket: Socket; readonly received: () => string }> {
  const socket = connect({ host: "127.0.0.1", port });
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {});
  let received = "";
  socket.on("data", (chunk) => (received += chunk.toString("latin1")));
  await once(socket, "connect");
  socket.write(text);
  return { socket, received: () => received };
}
