import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keepPermanentPorts } from "../../server/gateway/permanent-ports.ts";
import type { Listener } from "../../server/gateway/listen.ts";
import { silentLog } from "../../server/log.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

const listenerAt = (port: number): Listener => ({ port, drain: async () => {}, close: async () => {} });

test("A port that is given up and wanted again while it is still being opened keeps the listener that it got", async () => {
  const attempts: PromiseWithResolvers<Listener>[] = [];
  const ports = keepPermanentPorts(() => {
    attempts.push(Promise.withResolvers());
    return attempts.at(-1)?.promise ?? Promise.reject(new Error("unreachable"));
  }, silentLog);
  void ports.apply(new Set([1]));
  await ports.apply(new Set());
  const wanted = ports.apply(new Set([1]));
  attempts[1]?.resolve(listenerAt(1));
  attempts[0]?.reject(new Error("taken"));
  await wanted;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(attempts).toHaveLength(2);
  await ports.close();
});

test("A port that is taken is tried again every second for as long as it is wanted", async () => {
  let attempts = 0;
  const ports = keepPermanentPorts(async () => {
    attempts += 1;
    throw new Error("taken");
  }, silentLog);
  await ports.apply(new Set([1]));
  await vi.advanceTimersByTimeAsync(3500);
  expect(attempts).toBe(4);
  await ports.apply(new Set());
  await vi.advanceTimersByTimeAsync(3500);
  expect(attempts).toBe(4);
  await ports.apply(new Set([1]));
  await ports.close();
  await vi.advanceTimersByTimeAsync(3500);
  expect(attempts).toBe(5);
});
