/** A Nomad with access control and mutual TLS, and a token with the policy that docs/nomad.md prints, and no more. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { markFolders } from "../../server/folders/mark.ts";
import { silentLog } from "../../server/log.ts";
import { nextInSeat } from "../../server/model/seat.ts";
import type { Session } from "../../server/model/session.ts";
import { foldersMark } from "../../server/scheduler/nomad/folder-check-job.ts";
import { openNomadScheduler } from "../../server/scheduler/nomad/nomad-scheduler.ts";
import type { Scheduler } from "../../server/scheduler/scheduler.ts";
import { observe, type Observed } from "../contract/observe.ts";
import { missing } from "../support/needs.ts";
import { findNomad } from "../support/nomad.ts";
import { newInstallationId } from "../support/nomad-harness.ts";
import { startSecuredNomad, type NomadToken, type SecuredNomad } from "../support/nomad-secured.ts";
import { gangSession } from "../support/gang.ts";
import { hostSession } from "../support/nomad-sessions.ts";

const noNomad = missing(findNomad() === null, "nomad", "Nomad with access control", "sh test/nomad/build.sh (needs Go)");

describe.skipIf(noNomad)("a Nomad that lets nobody in without a certificate and a token", () => {
  const opened = new AsyncDisposableStack();
  const installationId = newInstallationId();
  let nomad: SecuredNomad;
  let policy: string;
  let first: NomadToken;
  let tokenFile: string;
  let folders: string;
  let scheduler: Scheduler;
  let observed: Observed;

  beforeAll(async () => {
    folders = await mkdtemp(join(tmpdir(), "serai-secured-"));
    opened.defer(() => rm(folders, { recursive: true, force: true }));
    await markFolders(folders, foldersMark(installationId), silentLog);
    nomad = opened.use(await startSecuredNomad());
    policy = /```hcl\n([\s\S]*?)```/.exec(await readFile(new URL("../../docs/nomad.md", import.meta.url), "utf8"))?.[1] ?? "";
    first = await nomad.createToken(policy);
    tokenFile = join(folders, "token");
    await writeFile(tokenFile, `${first.SecretID}\n`);
    scheduler = opened.use(await open({ tokenFile, foldersDirectory: folders }));
    observed = opened.use(observe(scheduler));
  });
  afterAll(() => opened.disposeAsync());

  const open = (more: { readonly token?: string; readonly tokenFile?: string; readonly foldersDirectory?: string }) =>
    openNomadScheduler({ address: nomad.address, ...nomad.certificates, installationId, log: silentLog, ...more });
  const running = ({ id }: Session) => observed.until(id, ({ state }) => state === "RUNNING", "running");
  const gone = ({ id }: Session) => observed.until(id, ({ state }) => state === "GONE", "gone");

  test("the policy of the documentation is enough: to place, to replace, to retry, to read logs, to look at machines and take them out of service, to stop", async () => {
    await scheduler.check();
    const session = hostSession({ secrets: { WORD: "hello" }, script: '#!/bin/sh\necho "$WORD"\nexec sleep 3600\n' });
    // The machine joins after the servers answer: where it asks too early, it asks again after 15 to 30 s.
    await expect.poll(() => scheduler.preview(session), { timeout: 60_000 }).toEqual({ fits: true });
    await scheduler.submit(session);
    await running(session);
    const signal = AbortSignal.timeout(20_000);
    for await (const chunk of scheduler.logs(session.id, { stream: "stdout", follow: true, attempt: null, offset: 0, tailBytes: null, signal })) {
      expect(Buffer.from(chunk.bytes).toString()).toBe("hello\n");
      break;
    }
    const next = { ...session, id: nextInSeat(session.id), script: "#!/bin/sh\nexit 3\n" };
    await scheduler.replace(session.id, next);
    const backingOff = await observed.until(next.id, ({ state }) => state === "BACKING_OFF", "backing off");
    expect(backingOff.lastExit?.code).toBe(3);
    await scheduler.retry(next.id);
    await observed.until(next.id, ({ attempt }) => attempt !== backingOff.attempt, "tried again");
    const [machine] = await scheduler.nodes();
    expect(machine).toMatchObject({ name: "agent", eligible: true });
    for (const eligible of [false, true]) {
      await scheduler.setEligible(machine?.id ?? "", eligible);
      expect((await scheduler.nodes()).map((node) => node.eligible)).toEqual([eligible]);
    }
    await scheduler.stop(next.id, 1000);
    await gone(next);
    await expect.poll(() => nomad.ask("GET", "/v1/vars"), { timeout: 20_000 }).toEqual([]);
  }, 120_000);

  test("it is enough for isolated sessions to have the folders", async () => {
    const isolated = hostSession({ environment: { kind: "HOST", isolated: true } });
    const without = await nomad.createToken(policy.replace(/host_volume[^}]*\}/, ""));
    await using limited = await open({ token: without.SecretID });
    await expect(limited.submit(isolated)).rejects.toMatchObject({ code: "SCHEDULER_FORBIDDEN" });
    await scheduler.submit(isolated);
    // The machine has no such volume: that is asked after what the token may do.
    const { unplaced } = await observed.until(isolated.id, (one) => one.unplaced !== null, "waiting with a reason");
    expect(unplaced?.message).toContain(`the host volume serai-folders-${installationId}`);
    await scheduler.stop(isolated.id, 0);
    await gone(isolated);
  });

  test("it is enough for members of a gang to find each other", async () => {
    const gang = gangSession({ mode: "MULTI_NODE", size: 2 });
    await scheduler.submit(gang);
    // There is one machine: main waits there. Its process would not begin before it was told who else there is, which takes a right of its own.
    await observed.until(gang.id, ({ unplaced }) => unplaced?.members?.placed === 1, "placed in part");
    await expect
      .poll(() => nomad.get(`/v1/job/serai-${installationId}-${gang.id}/allocations`), { timeout: 20_000 })
      .toMatchObject([{ TaskStates: { model: { State: "running" } } }]);
    await scheduler.stop(gang.id, 0);
    await gone(gang);
  });

  test("a token that is refused is one clear message, and a new one is taken without a restart, sessions going on", async () => {
    const session = hostSession();
    await scheduler.submit(session);
    const before = await running(session);
    await nomad.revokeToken(first);
    await expect(scheduler.check()).rejects.toMatchObject({
      code: "SCHEDULER_FORBIDDEN",
      retry: true,
      message: expect.stringMatching(/NOMAD_TOKEN.*docs\/nomad\.md/),
    });
    await expect(scheduler.stop(session.id, 1000)).rejects.toMatchObject({ code: "SCHEDULER_FORBIDDEN" });
    await writeFile(tokenFile, (await nomad.createToken(policy)).SecretID);
    await scheduler.check();
    const another = hostSession();
    await scheduler.submit(another);
    await running(another);
    expect(observed.newest(session.id)).toMatchObject({ state: "RUNNING", attempt: before.attempt });
    for (const one of [session, another]) await scheduler.stop(one.id, 1000);
    await Promise.all([gone(session), gone(another)]);
  });

  test.each([
    { what: "no token", token: "" },
    { what: "a token that nobody made", token: "6f0a4a4e-1c8b-4b1c-9d53-2f1f6cbb52a7" },
  ])("with $what it starts, says so, and waits for another", async ({ token }) => {
    await using refused = await open({ token });
    await expect(refused.check()).rejects.toMatchObject({ code: "SCHEDULER_FORBIDDEN" });
  });

  test("a token that may do too little is told apart from a cluster that is away", async () => {
    const weak = await nomad.createToken('namespace "default" { capabilities = ["list-jobs", "read-job"] }');
    await using limited = await open({ token: weak.SecretID });
    await limited.check();
    await expect(limited.submit(hostSession())).rejects.toMatchObject({ code: "SCHEDULER_FORBIDDEN", message: expect.stringContaining("/v1/") });
  });

  test.each([
    { what: "without a certificate", says: /NOMAD_CLIENT_CERT and NOMAD_CLIENT_KEY/, use: () => ({ caCert: nomad.certificates.caCert }) },
    { what: "that does not know its authority", says: /NOMAD_CACERT must name the authority/, use: () => ({}) },
    { what: "that speaks plain HTTP", says: /NOMAD_ADDR must begin with https/, use: () => ({ address: nomad.address.replace("https", "http") }) },
  ])("a client $what is told what it lacks", async ({ says, use }) => {
    await using stranger = await openNomadScheduler({ address: nomad.address, installationId, log: silentLog, ...use() });
    await expect(stranger.check()).rejects.toMatchObject({ code: "SCHEDULER_UNAVAILABLE", message: expect.stringMatching(says) });
  });
});
