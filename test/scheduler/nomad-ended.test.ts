/** What is left on a real Nomad of a session that has ended, its logs, and what is not to be. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silentLog } from "../../server/log.ts";
import type { SessionId } from "../../server/model/ids.ts";
import { nextInSeat } from "../../server/model/seat.ts";
import type { Session } from "../../server/model/session.ts";
import { jobIdOf } from "../../server/scheduler/nomad/names.ts";
import { openNomadScheduler } from "../../server/scheduler/nomad/nomad-scheduler.ts";
import type { Scheduler } from "../../server/scheduler/scheduler.ts";
import { observe, type Observed } from "../contract/observe.ts";
import { missing } from "../support/needs.ts";
import { findNomad, type Nomad, startNomad } from "../support/nomad.ts";
import { newInstallationId } from "../support/nomad-harness.ts";
import { hostSession } from "../support/nomad-sessions.ts";

const noNomad = missing(findNomad() === null, "nomad", "what is left of ended sessions on Nomad", "sh test/nomad/build.sh (needs Go)");

describe.skipIf(noNomad)("a session that has ended on Nomad", () => {
  const installationId = newInstallationId();
  const cleanUp = new AsyncDisposableStack();
  let nomad: Nomad;
  let scheduler: Scheduler;
  let observed: Observed;
  const open = () => openNomadScheduler({ address: nomad.address, installationId, log: silentLog });

  beforeAll(async () => {
    nomad = cleanUp.use(await startNomad());
    scheduler = cleanUp.use(await open());
    observed = cleanUp.use(observe(scheduler));
  });
  afterAll(() => cleanUp.disposeAsync());

  const read = async (id: SessionId, follow = false): Promise<string> => {
    const query = { stream: "stdout", follow, attempt: null, offset: 0, tailBytes: null, signal: AbortSignal.timeout(20_000) } as const;
    const chunks: Uint8Array[] = [];
    for await (const { bytes } of scheduler.logs(id, query)) chunks.push(bytes);
    return Buffer.concat(chunks).toString();
  };
  const speaking = (changes: Partial<Session> = {}): Session => hostSession({ script: "#!/bin/sh\necho spoken\nexec sleep 3600\n", ...changes });
  async function ended(session: Session): Promise<Session> {
    await scheduler.submit(session);
    await observed.until(session.id, ({ state }) => state === "RUNNING", "running");
    await expect.poll(() => read(session.id), { timeout: 20_000 }).toBe("spoken\n");
    await scheduler.stop(session.id, 1000);
    await observed.until(session.id, ({ state }) => state === "GONE", "gone");
    return session;
  }
  const tell = (path: string) => fetch(`${nomad.address}${path}`, { method: "PUT" });
  const allocationOf = async (id: SessionId): Promise<string> =>
    ((await nomad.get(`/v1/job/${jobIdOf(installationId, id)}/allocations`)) as readonly { readonly ID: string }[])[0]?.ID ?? "";
  const secrets = async (): Promise<unknown> => nomad.get("/v1/vars");

  it("has its log, and no secrets; nobody who looks from then on sees it, and a machine holds nothing for it", async () => {
    const { id } = await ended(speaking({ secrets: { KEY: "a long secret" } }));
    expect(await read(id)).toBe("spoken\n");
    await expect.poll(secrets, { timeout: 20_000 }).toEqual([]);
    await using other = await open();
    const signal = AbortSignal.timeout(20_000);
    for await (const { complete, observations } of other.watch(signal)) {
      expect({ complete, observations }).toEqual({ complete: true, observations: [] });
      break;
    }
    expect((await other.nodes()).flatMap(({ users }) => users)).toEqual([]);
  });

  it("gives its seat to whoever comes next, who takes nothing over from it", async () => {
    const { id } = await ended(speaking());
    const next = speaking({ id: nextInSeat(id) });
    await scheduler.replace(id, next);
    await observed.until(next.id, ({ state }) => state === "RUNNING", "running");
    await scheduler.submit(speaking({ id }));
    const job = (await nomad.get(`/v1/job/${jobIdOf(installationId, id)}`)) as { readonly Meta: Record<string, string> };
    expect(job.Meta).toMatchObject({ serai_session: next.id });
    expect(job.Meta).not.toHaveProperty("serai_replaced");
    expect(await read(id)).toBe("spoken\n");
    await scheduler.stop(next.id, 0);
    await observed.until(next.id, ({ state }) => state === "GONE", "gone");
  });

  it("is said to have no log any more when its machine, or all of Nomad, has cleared it away", async () => {
    const [byMachine, byNomad] = [await ended(speaking()), await ended(speaking())];
    await tell(`/v1/client/allocation/${await allocationOf(byMachine.id)}/gc`);
    const problem = (id: SessionId) => read(id).catch(({ code }: { readonly code?: string }) => code);
    await expect.poll(() => problem(byMachine.id), { timeout: 20_000 }).toBe("LOG_NOT_KEPT");
    expect(await read(byMachine.id, true)).toBe("");
    expect(await read(byNomad.id)).toBe("spoken\n");
    await tell("/v1/system/gc");
    await expect.poll(() => problem(byNomad.id), { timeout: 20_000 }).toBe("LOG_NOT_KEPT");
  });

  it("is told apart from one that had its seat and never ran, which wrote nothing", async () => {
    const { id } = await ended(speaking());
    const unplaceable = speaking({ id: nextInSeat(id), resources: { ...speaking().resources, memoryMiB: 100_000_000 } });
    await scheduler.submit(unplaceable);
    await observed.until(unplaceable.id, ({ unplaced }) => unplaced !== null, "without a place");
    const last = speaking({ id: nextInSeat(unplaceable.id) });
    await scheduler.replace(unplaceable.id, last);
    await observed.until(last.id, ({ state }) => state === "RUNNING", "running");
    expect(await read(unplaceable.id)).toBe("");
    await tell("/v1/system/gc");
    await expect.poll(() => read(id).catch(({ code }: { readonly code?: string }) => code), { timeout: 20_000 }).toBe("LOG_NOT_KEPT");
    await scheduler.stop(last.id, 0);
    await observed.until(last.id, ({ state }) => state === "GONE", "gone");
  });

  it("is told as still ending to whoever begins to look while its process takes its time, though Nomad calls its job dead", async () => {
    const stubborn = speaking({ script: "#!/bin/sh\ntrap '' TERM\necho spoken\nwhile :; do sleep 0.2; done\n" });
    await scheduler.submit(stubborn);
    await expect.poll(() => read(stubborn.id).catch(() => ""), { timeout: 20_000 }).toBe("spoken\n");
    await scheduler.stop(stubborn.id, 20_000);
    const statusOf = async () => (await nomad.get(`/v1/job/${jobIdOf(installationId, stubborn.id)}`)) as { readonly Status: string };
    await expect.poll(statusOf, { timeout: 10_000 }).toMatchObject({ Status: "dead" });
    await using other = await open();
    await using seen = observe(other);
    await seen.until(stubborn.id, ({ state }) => state === "STOPPING", "ending");
    expect((await other.nodes()).flatMap(({ users }) => users.map(({ session }) => session))).toMatchObject([
      { id: stubborn.id, routeId: stubborn.routeId, serviceName: "example" },
    ]);
    await scheduler.stop(stubborn.id, 0);
    await seen.until(stubborn.id, ({ state }) => state === "GONE", "gone");
  });
});
