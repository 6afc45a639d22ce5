/**
 * Tells the scheduler which machines take new work, as administrators wish: whoever holds shard 0 does, for all of the installation. Woken by
 * a wish, and every few seconds, because what was told may have been changed by others.
 *
 * Serai never sets Nomad's own drain: that stops first, and takes along what is not Serai's. A machine that is drained here takes nothing new,
 * Serai's routes leave it one by one (surplus.ts), and whoever runs Nomad does with the rest as they like.
 */
import { AppError, messageOf } from "../failure.ts";
import type { Log } from "../log.ts";
import type { NodeWish } from "../model/node-wish.ts";
import type { Scheduler } from "../scheduler/scheduler.ts";
import type { Database } from "../store/database.ts";
import type { Lease } from "../store/leases.ts";
import { endNodeWish, listNodeWishes, recordNodeWish } from "../store/node-wishes.ts";
import type { Leases } from "./lease.ts";
import { openLooks, type Looks } from "./looks.ts";
import { nodeSteps } from "./node-steps.ts";

type Ports = {
  readonly database: Database;
  readonly scheduler: Pick<Scheduler, "nodes" | "setEligible">;
  readonly leases: Pick<Leases, "get">;
  readonly log: Log;
};

const actingShard = 0;
const lookEveryMs = 10_000;

export function openNodeKeeper({ database, scheduler, leases, log }: Ports): Looks {
  async function lookOnce(): Promise<void> {
    const lease = leases.get(actingShard);
    if (lease === null) return;
    const wishes = await listNodeWishes(database);
    if (wishes.length === 0) return;
    const nodes = await scheduler.nodes().catch(async (thrown: unknown) => {
      for (const wish of wishes) await tellProblem(wish, thrown, lease);
      throw thrown;
    });
    for (const step of nodeSteps(wishes, nodes)) {
      if (step.kind === "forget") await endNodeWish(database, lease, step.wish);
      else await tell(step.wish, step.eligible, lease);
    }
  }

  async function tell(wish: NodeWish, eligible: boolean, lease: Lease): Promise<void> {
    try {
      await scheduler.setEligible(wish.nodeId, eligible);
    } catch (thrown) {
      log.warn({ node: wish.nodeName, reason: messageOf(thrown) }, "the scheduler could not be told whether a machine takes new work");
      return tellProblem(wish, thrown, lease);
    }
    if (wish.appliedAt !== null) log.info({ node: wish.nodeName }, "a machine that is to take nothing new was eligible; it is not any more");
    else await (eligible ? endNodeWish(database, lease, wish) : recordNodeWish(database, lease, wish, null));
  }

  /** Said once; it is tried again as ever. */
  async function tellProblem(wish: NodeWish, thrown: unknown, lease: Lease): Promise<void> {
    const problem = problemOf(thrown);
    if (wish.appliedAt === null && wish.problem !== problem) await recordNodeWish(database, lease, wish, problem);
  }

  const looks = openLooks(lookOnce, lookEveryMs, (thrown) => log.warn({ reason: messageOf(thrown) }, "machines could not be looked after"));
  looks.look();
  return looks;
}

function problemOf(thrown: unknown): string {
  if (!(thrown instanceof AppError)) return "Something went wrong on the server.";
  return thrown.code === "SCHEDULER_FORBIDDEN" ? `${thrown.publicMessage} It needs the policy node:write for this.` : thrown.publicMessage;
}
