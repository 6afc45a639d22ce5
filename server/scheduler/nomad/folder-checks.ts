/**
 * Which machines see the folders: each is looked at once when it comes up, again while it does not see them (after 5 s, then less
 * often, at last every minute), and again when Nomad has news of it.
 *
 * Only machines of node pools that sessions use, that can take work, and that run programs of the host: a machine which runs only
 * containers is not known to see them or not, and there Docker refuses to start a session whose folder is missing. What is not known
 * keeps nothing from being placed.
 */
import { setTimeout as pause } from "node:timers/promises";
import { AppError, messageOf } from "../../failure.ts";
import type { Log } from "../../log.ts";
import type { NodeStub } from "./api-types.ts";
import { checkFolders, markNode, type CheckContext } from "./folder-check.ts";
import { isBlind, type Verdict, whyBlind } from "./folder-check-job.ts";
import { listJobs } from "./jobs.ts";

export type FolderChecks = AsyncDisposable & {
  /**
   * When the machines of the pool have been looked at for the first time, not later than 5 s after it was first used; and where some
   * were found not to see the folders, when Nomad's servers know it too, not later than another 15 s. From then on at once: a
   * machine that never answers holds up the first sessions of its pool, once, and no others.
   */
  looked(nodePool: string): Promise<void>;
  /** Null: not known. */
  sees(nodeId: string): boolean | null;
  /** The machines that do not, in a sentence; null where there are none. */
  why(): string | null;
};

type Pool = { readonly looked: () => void; readonly ready: Promise<unknown> };
type Looked = { readonly name: string; readonly verdict: Verdict; readonly modifyIndex: number; readonly times: number; readonly at: number };

const lookEveryMs = 2000;
const firstLookMs = 5000;
const markMs = 15_000;
const atOnceMax = 4;
const againMinMs = 5000;
const againMaxMs = 60_000;

export function openFolderChecks(context: CheckContext & { readonly log: Log }): FolderChecks {
  const { client, folders, log } = context;
  const ending = new AbortController();
  const { signal } = ending;
  const pools = new Map<string, Pool>();
  const looked = new Map<string, Looked>();
  const underWay = new Map<string, Promise<void>>();
  const marking = new Map<string, { readonly nodePool: string; readonly over: Promise<void> }>();
  let wake = Promise.withResolvers<void>();
  let mayMark = true;
  const atMost = (ms: number): Promise<void> => pause(ms, undefined, { signal, ref: false }).catch(() => {});

  function use(name: string): Pool {
    const known = pools.get(name);
    if (known !== undefined) return known;
    const { promise, resolve } = Promise.withResolvers<void>();
    const marked = () => Promise.all([...marking.values()].filter(({ nodePool }) => isIn(nodePool, name)).map(({ over }) => over));
    const ready = Promise.race([promise, atMost(firstLookMs)]).then(() => Promise.race([marked(), atMost(markMs)]));
    const pool: Pool = { looked: resolve, ready };
    pools.set(name, pool);
    wake.resolve();
    return pool;
  }

  async function look(node: NodeStub): Promise<void> {
    const before = looked.get(node.ID);
    const verdict = await checkFolders(context, { id: node.ID, name: node.Name, nodePool: node.NodePool }, signal).catch(
      (thrown: unknown): Verdict => {
        log.debug({ node: node.Name, reason: messageOf(thrown) }, "a machine could not be asked whether it sees the folders");
        return "UNKNOWN";
      },
    );
    if (signal.aborted) return;
    const times = before?.verdict === verdict ? before.times + 1 : 0;
    looked.set(node.ID, { name: node.Name, verdict, modifyIndex: node.ModifyIndex, times, at: Date.now() });
    if (isBlind(verdict) && times === 0) log.warn({ node: node.Name }, whyBlind([{ name: node.Name, verdict }], folders));
    if (!mayMark) return;
    const marked = markNode(context, node.ID, verdict, signal).catch((thrown: unknown) => noteUnmarked(node, thrown));
    marking.set(node.ID, { nodePool: node.NodePool, over: marked.finally(() => marking.delete(node.ID)) });
  }

  function noteUnmarked(node: NodeStub, thrown: unknown): void {
    const isRefused = thrown instanceof AppError && thrown.code === "SCHEDULER_FORBIDDEN";
    if (isRefused) mayMark = false;
    const hint = isRefused ? "; the token needs the policy node:write for it" : "";
    if (!signal.aborted)
      log.warn({ node: node.Name, reason: messageOf(thrown) }, `sessions cannot be kept away from a machine by what it sees${hint}`);
  }

  const isBusy = (nodeId: string): boolean => underWay.has(nodeId) || marking.has(nodeId);

  async function lookAtAll(): Promise<void> {
    const wanted = [...pools.keys()];
    const { value } = await client.get<readonly NodeStub[]>("/v1/nodes", {}, signal);
    const now = Date.now();
    for (const { ID, Status } of value) if (Status !== "ready") looked.delete(ID);
    const candidates = value.filter((node) => canBeAsked(node) && wanted.some((pool) => isIn(node.NodePool, pool)));
    for (const node of candidates.filter((one) => isDue(one, looked.get(one.ID), now) && !isBusy(one.ID))) {
      while (underWay.size >= atOnceMax) await Promise.race(underWay.values());
      if (signal.aborted) return;
      underWay.set(
        node.ID,
        look(node).finally(() => underWay.delete(node.ID)),
      );
    }
    for (const pool of wanted) {
      if (candidates.every((node) => looked.has(node.ID) || !isIn(node.NodePool, pool))) pools.get(pool)?.looked();
    }
  }

  const working = (async () => {
    let seeded = false;
    while (!signal.aborted) {
      wake = Promise.withResolvers();
      try {
        if (!seeded) for (const { NodePool } of await jobsOf(context, signal)) use(NodePool);
        seeded = true;
        if (pools.size > 0) await lookAtAll();
      } catch (thrown) {
        if (!signal.aborted) log.debug({ reason: messageOf(thrown) }, "machines could not be listed for whether they see the folders");
      }
      // What is under way need not be waited for, but its end may be what somebody waits for.
      await Promise.race([wake.promise, ...underWay.values(), pause(lookEveryMs, undefined, { signal }).catch(() => {})]);
    }
  })();

  return {
    async looked(pool) {
      await use(pool).ready;
    },
    sees: (nodeId) => {
      const verdict = looked.get(nodeId)?.verdict ?? "UNKNOWN";
      return verdict === "UNKNOWN" ? null : !isBlind(verdict);
    },
    why() {
      const blind = [...looked.values()].filter(({ verdict }) => isBlind(verdict));
      return blind.length === 0 ? null : whyBlind(blind, folders);
    },
    async [Symbol.asyncDispose]() {
      ending.abort();
      await working;
      await Promise.all([...underWay.values(), ...[...marking.values()].map(({ over }) => over)]);
    },
  };
}

/** `all` is Nomad's name for every machine. */
const isIn = (nodePool: string, pool: string): boolean => pool === "all" || pool === nodePool;

const canBeAsked = (node: NodeStub): boolean =>
  node.Status === "ready" && node.SchedulingEligibility === "eligible" && !node.Drain && node.Drivers?.["raw_exec"]?.Healthy === true;

function isDue(node: NodeStub, before: Looked | undefined, now: number): boolean {
  if (before === undefined) return true;
  const againMs = Math.min(againMaxMs, againMinMs * 2 ** Math.min(before.times, 10));
  const isNews = before.modifyIndex !== node.ModifyIndex;
  return now - before.at >= (before.verdict === "SEES" ? (isNews ? againMaxMs : Infinity) : againMs);
}

const jobsOf = async ({ client, installationId }: CheckContext, signal: AbortSignal) =>
  (await listJobs(client, installationId, signal)).value.filter(({ ID }) => ID.includes("-ses_"));
