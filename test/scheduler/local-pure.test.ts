import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SessionEnvironment } from "../../server/model/session.ts";
import { failuresAfter, waitBeforeMs } from "../../server/scheduler/local/back-off.ts";
import { placeable, usedBy, whyUnplaced } from "../../server/scheduler/local/capacity.ts";
import { newId } from "../../server/model/ids.ts";
import { parseListeners } from "../../server/scheduler/local/listeners.ts";
import { parseStat } from "../../server/scheduler/local/processes.ts";
import { nextStep, untouched, withEvent } from "../../server/scheduler/local/progress.ts";

const host: SessionEnvironment = { kind: "HOST" };
const machine = { cpuMillicores: 4000, memoryMiB: 24 * 1024, devices: [] };
const resources = (cpuMillicores: number, memoryMiB: number) => ({ cpuMillicores, memoryMiB, sharedMemoryMiB: 0, accelerators: [] });

describe("back-off", () => {
  it("waits 1 s at first, twice as long each time, and never longer than 5 min", () => {
    expect([1, 2, 3, 4, 9, 10, 1000].map(waitBeforeMs)).toEqual([1000, 2000, 4000, 8000, 256_000, 300_000, 300_000]);
  });
  it("begins anew after a healthy run of ten minutes", () => {
    expect(failuresAfter(7, 9 * 60_000)).toBe(8);
    expect(failuresAfter(7, 10 * 60_000)).toBe(1);
  });
});

describe("room", () => {
  it("what is missing is said in words with the numbers", () => {
    const used = { cpuMillicores: 3500, memoryMiB: 21 * 1024, devices: new Set<string>() };
    expect(whyUnplaced({ environment: host, resources: resources(100, 64 * 1024) }, machine, used)).toMatchObject({
      nodesExhausted: 1,
      dimensionExhausted: { memory: 1 },
      message: "needs 64 GiB of memory; this machine has 24 GiB, 3 GiB of it free",
    });
    expect(whyUnplaced({ environment: host, resources: resources(1000, 64) }, machine, used)?.message).toBe(
      "needs 1 core of CPU; this machine has 4 cores, 0.5 cores of it free",
    );
  });
  it("is all that a session sees, so one that is to be isolated waits for another scheduler", () => {
    const asked = { environment: { kind: "HOST", isolated: true }, resources: resources(100, 64) } as const;
    expect(whyUnplaced(asked, machine, usedBy([]))?.message).toBe(
      "needs an isolated environment; on the local scheduler sessions see all of the machine",
    );
  });
  it("is never given out twice, and nothing that fits beside the rest is left waiting", () => {
    const amounts = fc.record({ cpu: fc.integer({ min: 0, max: 6000 }), memory: fc.integer({ min: 0, max: 30_000 }) });
    fc.assert(
      fc.property(fc.array(amounts, { maxLength: 20 }), (wanted) => {
        const waiting = wanted.map(({ cpu, memory }, order) => ({
          seat: newId("session"),
          order,
          environment: host,
          resources: resources(cpu, memory),
        }));
        const placed = placeable(waiting, machine, []);
        const used = usedBy(placed);
        expect(used.cpuMillicores).toBeLessThanOrEqual(machine.cpuMillicores);
        expect(used.memoryMiB).toBeLessThanOrEqual(machine.memoryMiB);
        for (const one of waiting) if (!placed.some(({ seat }) => seat === one.seat)) expect(whyUnplaced(one, machine, used)).not.toBeNull();
      }),
    );
  });
  it("goes to who was submitted first, and one that can never fit holds up nobody", () => {
    const waiting = [
      { seat: newId("session"), order: 3, environment: host, resources: resources(3000, 64) },
      { seat: newId("session"), order: 1, environment: host, resources: resources(9000, 64) },
      { seat: newId("session"), order: 2, environment: host, resources: resources(3000, 64) },
    ];
    expect(placeable(waiting, machine, []).map(({ order }) => order)).toEqual([2]);
  });
});

describe("what to do next with a session", () => {
  const now = new Date(1_000_000);
  const placed = { ...untouched, placed: true };
  const attempt = { number: 1, port: 1, host: null, process: null, startedAt: now, discardedBytes: { stdout: 0, stderr: 0 } };
  it("stopping comes before everything", () => {
    expect(nextStep({ ...placed, stopBy: now, retryAt: now }, now)).toEqual({ kind: "END" });
  });
  it("nothing starts without a place, beside a living process, or before its time", () => {
    const process = { pid: 1, startTicks: 1, bootId: "" };
    const later = new Date(1_000_001);
    expect(nextStep(untouched, now)).toEqual({ kind: "WAIT", until: null });
    expect(nextStep({ ...placed, attempt: { ...attempt, process } }, now)).toEqual({ kind: "WAIT", until: null });
    expect(nextStep({ ...placed, attempt, retryAt: later }, now)).toEqual({ kind: "WAIT", until: later });
    expect(nextStep({ ...placed, attempt, retryAt: later }, later)).toEqual({ kind: "START" });
  });
  it("of its history the newest fifty are kept, each once", () => {
    const event = (key: string) => ({ key, at: now, kind: "NOTE", message: "" }) as const;
    const events = Array.from({ length: 60 }, (_, index) => event(String(index))).reduce(withEvent, []);
    expect(events.map(({ key }) => key)).toEqual(Array.from({ length: 50 }, (_, index) => String(index + 10)));
    expect(withEvent(events, event("59"))).toBe(events);
  });
});

describe("reading the kernel's tables", () => {
  const header = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
  const row = (address: string, state: string, inode: number): string =>
    `   0: ${address} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0 100 0 0 10 0`;
  it("a listener is told with an address at which it can be reached from here", () => {
    const table = [
      header,
      row("0100007F:1F90", "0A", 11),
      row("00000000:1F91", "0A", 12),
      row("00000000000000000000000000000000:1F92", "0A", 13),
      row("00000000000000000000000001000000:1F93", "0A", 14),
      row("0000000000000000FFFF00000100007F:1F94", "0A", 15),
      row("0500A8C0:1F95", "0A", 16),
      row("0100007F:1F96", "01", 17),
    ].join("\n");
    expect(parseListeners(table)).toEqual([
      { host: "127.0.0.1", port: 8080, inode: "11" },
      { host: "127.0.0.1", port: 8081, inode: "12" },
      { host: "127.0.0.1", port: 8082, inode: "13" },
      { host: "::1", port: 8083, inode: "14" },
      { host: "127.0.0.1", port: 8084, inode: "15" },
      { host: "192.168.0.5", port: 8085, inode: "16" },
    ]);
  });
  it("a process whose name holds brackets and spaces is read like any other, a zombie is none", () => {
    const rest = "1 42 43 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 987654 100 200";
    expect(parseStat(`42 (my) prog (x)) S ${rest}`)).toEqual({ group: 42, posixSession: 43, startTicks: 987654 });
    expect(parseStat(`42 (sh) Z ${rest}`)).toBeNull();
  });
});
