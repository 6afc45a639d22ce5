/**
 * The gateway as several processes: the primary, which is this one, keeps the sockets and hands connections out in turn (node:cluster), so
 * that a process that dies takes nothing with it but its own requests, and another takes its place. Closing one of several listeners of
 * SO_REUSEPORT would reset what waits in its backlog.
 *
 * The primary alone speaks with the database, hears its changes, reads the certificate and writes the last table. Every process is a
 * gateway of its own to control and to the tokens' limits, with a row that it keeps by the primary's hands.
 */
import cluster, { type Worker } from "node:cluster";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { AppError, messageOf } from "../failure.ts";
import type { Log } from "../log.ts";
import { addUp, countersOf, type MetricsSnapshot } from "../metrics.ts";
import type { GatewayId } from "../model/ids.ts";
import type { Changes } from "../store/changes.ts";
import type { RouteTableRow } from "../store/route-table.ts";
import type { Certificates } from "./certificates.ts";
import type { AddressCounts } from "./connection-limits.ts";
import type { GatewayStore } from "./gateway-store.ts";
import { openHandedOver } from "./handed-over.ts";
import type { FromProcess, Hearing, ProcessSettings, ToProcess } from "./process-messages.ts";
import { openTableSaving, type SavedTable } from "./saved-table.ts";

const entry = fileURLToPath(new URL("../gateway-process.ts", import.meta.url));
/** As `npm start` does: what is idle should be small. */
const nodeOptions = ["--max-semi-space-size=2"];
const hearEveryMs = 1000;
/** One that lived for a shorter time is not replaced at once. */
const shortLifeMs = 5000;
const endsWithinMs = 5000;
const measuredWithinMs = 2000;

export type ProcessesOptions = {
  readonly count: number;
  readonly settings: ProcessSettings;
  readonly store: GatewayStore;
  readonly changes: Pick<Changes, "subscribe" | "hears" | "heardAtMs">;
  readonly certificates: Certificates | null;
  readonly tablePath: string | null;
  readonly saved: SavedTable | null;
  readonly log: Log;
};

export type GatewayProcesses = AsyncDisposable & {
  readonly port: number;
  /** Of all that are and were, without the figures of this process. */
  measure(): Promise<readonly MetricsSnapshot[]>;
  drain(deadlineMs: number): Promise<void>;
};

type One = {
  readonly worker: Worker;
  readonly bornAtMs: number;
  readonly opened: PromiseWithResolvers<number>;
  readonly drained: PromiseWithResolvers<void>;
  readonly exited: PromiseWithResolvers<void>;
  readonly connections: Map<string, number>;
  measured: PromiseWithResolvers<void>;
  metrics: MetricsSnapshot;
  /** Of its row, which it cannot remove when it is killed. */
  gatewayId: GatewayId | null;
};

/** Resolves when all of them serve. Rejects with what the first could not do. */
export async function openGatewayProcesses(options: ProcessesOptions): Promise<GatewayProcesses> {
  const { count, settings, store, changes, certificates, tablePath, log } = options;
  const running = new Set<One>();
  /** Of those that are gone, as they were last measured. */
  let past: Promise<MetricsSnapshot> = Promise.resolve([]);
  let known = options.saved;
  let keys = options.saved?.keys ?? [];
  let isEnding = false;
  await using opened = new AsyncDisposableStack();
  const watchHandedOver = openHandedOver();

  const hearing = (): Hearing => ({ hears: changes.hears, silentMs: changes.heardAtMs === null ? null : performance.now() - changes.heardAtMs });
  const saving =
    tablePath === null
      ? null
      : opened.use(openTableSaving({ path: tablePath, readKeys: store.readPublicKeys, isTrue: () => known !== null && changes.hears, log }));
  const readTable = inOneRead(async () => {
    const rows = await store.readRouteTable();
    known = { rows, keys, trueAt: new Date() };
    saving?.save(rows);
    return rows;
  });

  async function answer(one: One, { call, method, args }: Extract<FromProcess, { kind: "call" }>): Promise<void> {
    if (method === "recordGateway") one.gatewayId = args[0] as GatewayId;
    try {
      const asked = store[method as keyof GatewayStore] as (...given: readonly unknown[]) => Promise<unknown>;
      const value = method === "readRouteTable" ? await readTable() : await asked(...args);
      if (method === "readPublicKeys") keys = value as SavedTable["keys"];
      tell(one, { kind: "returned", call, value });
    } catch (thrown) {
      tell(one, { kind: "failed", call, reason: messageOf(thrown) });
    }
  }

  function shareConnections(one: One, counts: AddressCounts): void {
    for (const [address, connected] of counts) {
      if (connected > 0) one.connections.set(address, connected);
      else one.connections.delete(address);
    }
    for (const other of running) if (other !== one) tell(other, { kind: "connections", from: one.worker.id, counts });
  }

  function heed(one: One, message: FromProcess): void {
    if (message.kind === "call") void answer(one, message);
    if (message.kind === "connections") shareConnections(one, message.counts);
    if (message.kind === "open") one.opened.resolve(message.port);
    if (message.kind === "notOpened") one.opened.reject(new AppError(message.isConfig ? "CONFIG_INVALID" : "INTERNAL", message.reason));
    if (message.kind === "drained") one.drained.resolve();
    if (message.kind !== "measured") return;
    one.metrics = message.metrics;
    one.measured.resolve();
  }

  async function leave(one: One, how: string): Promise<void> {
    running.delete(one);
    for (const waiting of [one.drained, one.exited, one.measured]) waiting.resolve();
    one.opened.reject(new AppError("INTERNAL", `a gateway process ended before it served: ${how}`));
    past = past.then((before) => addUp([before, countersOf(one.metrics)]));
    for (const other of running) tell(other, { kind: "connections", from: one.worker.id, counts: null });
    if (isEnding) return;
    log.warn({ pid: one.worker.process.pid, how }, "a gateway process has ended; another takes its place");
    // What it had in flight ended with it: nobody should wait for it.
    if (one.gatewayId !== null) await store.deleteGateway(one.gatewayId).catch(() => {});
    if (performance.now() - one.bornAtMs < shortLifeMs) await pause(hearEveryMs);
    if (!isEnding)
      start().opened.promise.catch((thrown: unknown) => log.error({ reason: messageOf(thrown) }, "a gateway process could not be started"));
  }

  function start(): One {
    const worker = cluster.fork();
    watchHandedOver(worker);
    const one: One = {
      worker,
      bornAtMs: performance.now(),
      opened: Promise.withResolvers(),
      drained: Promise.withResolvers(),
      exited: Promise.withResolvers(),
      measured: Promise.withResolvers(),
      metrics: [],
      gatewayId: null,
      connections: new Map(),
    };
    one.opened.promise.catch(() => {});
    worker.on("message", (message: FromProcess) => heed(one, message));
    worker.on("error", () => {});
    worker.once("exit", (code: number, signal: string | null) => void leave(one, signal ?? `exit code ${code}`));
    tell(one, {
      kind: "begin",
      beginning: { ...settings, certificate: certificates?.current() ?? null, hearing: hearing(), saved: known === null ? null : { ...known, keys } },
    });
    for (const other of running) tell(one, { kind: "connections", from: other.worker.id, counts: [...other.connections] });
    running.add(one);
    return one;
  }

  opened.defer(async () => {
    isEnding = true;
    for (const one of running) tell(one, { kind: "end" });
    const all = Promise.all([...running].map((one) => one.exited.promise));
    const late = AbortSignal.timeout(endsWithinMs);
    late.addEventListener("abort", () => [...running].forEach((one) => one.worker.process.kill("SIGKILL")));
    await all;
  });
  cluster.setupPrimary({ exec: entry, args: [], execArgv: nodeOptions, serialization: "advanced" });
  if (certificates !== null) opened.defer(certificates.follow((pair) => running.forEach((one) => tell(one, { kind: "certificate", pair }))));

  const closing = new AbortController();
  opened.defer(() => closing.abort());
  const hear = (heard: readonly string[]) => running.forEach((one) => tell(one, { kind: "heard", hearing: hearing(), changes: heard }));
  void (async () => {
    for await (const turn of changes.subscribe(closing.signal)) hear(turn === "everything" ? ["everything"] : [...turn]);
  })();
  const timer = setInterval(() => hear([]), hearEveryMs);
  opened.defer(() => clearInterval(timer));

  // One after the other: the port that the first gets where any will do is that of all.
  const port = await start().opened.promise;
  await Promise.all(Array.from({ length: count - 1 }, () => start().opened.promise));
  const lifetime = opened.move();
  return {
    port,
    async measure() {
      const asked = [...running];
      for (const one of asked) {
        one.measured = Promise.withResolvers();
        tell(one, { kind: "measure" });
      }
      const late = pause(measuredWithinMs, undefined, { ref: false });
      await Promise.all(asked.map((one) => Promise.race([one.measured.promise, late])));
      return [await past, ...asked.map((one) => one.metrics)];
    },
    async drain(deadlineMs) {
      isEnding = true;
      for (const one of running) tell(one, { kind: "drain" });
      await Promise.race([Promise.all([...running].map((one) => one.drained.promise)), pause(deadlineMs, undefined, { ref: false })]);
    },
    [Symbol.asyncDispose]: () => lifetime.disposeAsync(),
  };
}

const tell = ({ worker }: One, message: ToProcess): void => void (worker.isConnected() && worker.send(message));

/** All processes hear of a change at once and want the table: those that ask before a read begins share it. */
function inOneRead(read: () => Promise<readonly RouteTableRow[]>): () => Promise<readonly RouteTableRow[]> {
  let next: Promise<readonly RouteTableRow[]> | null = null;
  return () =>
    (next ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      next = null;
      return read();
    }));
}
