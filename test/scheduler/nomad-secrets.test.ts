/** Secret variables on a real Nomad: they reach their session byte by byte, stand in nothing that Nomad shows, and leave nothing behind. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silentLog } from "../../server/log.ts";
import { newId } from "../../server/model/ids.ts";
import { nextInSeat } from "../../server/model/seat.ts";
import { homePlaceholder, type Session } from "../../server/model/session.ts";
import { openNomadClient, type NomadClient } from "../../server/scheduler/nomad/client.ts";
import { jobIdOf } from "../../server/scheduler/nomad/names.ts";
import { openNomadScheduler } from "../../server/scheduler/nomad/nomad-scheduler.ts";
import { referencesOf } from "../../server/scheduler/nomad/references.ts";
import { sweepVariables, writeVariables } from "../../server/scheduler/nomad/variables.ts";
import type { Scheduler } from "../../server/scheduler/scheduler.ts";
import { observe, type Observed } from "../contract/observe.ts";
import { missing } from "../support/needs.ts";
import { findNomad, type Nomad, startNomad } from "../support/nomad.ts";
import { newInstallationId } from "../support/nomad-harness.ts";
import { hostSession } from "../support/nomad-sessions.ts";

const noNomad = missing(findNomad() === null, "nomad", "secret variables on Nomad", "sh test/nomad/build.sh (needs Go)");

/** Every byte that text can have but NUL, what shells and templates take for their own, and a word to be looked for. */
const canary = "canary-5f1d9c";
const bytes = String.fromCharCode(...Array.from({ length: 0x17f }, (_, index) => index + 1));
const awkward = `${canary}${bytes}it's "$HOME" \`id\` $(id) \${NOMAD_TASK_DIR} {{ key "x" }} {{ end }} <serai< >serai> \\n\\\n\n 𝄞 ${canary}`;

describe.skipIf(noNomad)("secret variables on Nomad", () => {
  const installationId = newInstallationId();
  const cleanUp = new AsyncDisposableStack();
  let nomad: Nomad;
  let client: NomadClient;
  let scheduler: Scheduler;
  let observed: Observed;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "serai-secrets-"));
    cleanUp.defer(() => rm(folder, { recursive: true, force: true }));
    nomad = cleanUp.use(await startNomad());
    client = cleanUp.use(openNomadClient({ address: nomad.address }));
    scheduler = cleanUp.use(await openNomadScheduler({ address: nomad.address, installationId, log: silentLog }));
    observed = cleanUp.use(observe(scheduler));
  });
  afterAll(() => cleanUp.disposeAsync());

  const sessionWith = (changes: Partial<Session>): Session =>
    hostSession({ mounts: [{ source: folder, target: folder, readOnly: false }], ...changes });
  const running = ({ id }: Session) => observed.until(id, ({ state }) => state === "RUNNING", "running");
  const gone = async ({ id }: Session): Promise<void> => {
    await scheduler.stop(id, 1000);
    await observed.until(id, ({ state }) => state === "GONE", "gone");
  };
  const paths = async (): Promise<readonly string[]> =>
    ((await nomad.get("/v1/vars")) as readonly { readonly Path: string }[]).map(({ Path }) => Path);
  const written = (name: string): Promise<string> => readFile(join(folder, name), "utf8").catch(() => "");

  it("arrive byte by byte, and are in nothing that Nomad shows of the job, its allocation, its files and its events", async () => {
    const secrets = { AWKWARD: awkward, EMPTY: "", IN_HOME: `${homePlaceholder}/it's` };
    const session = sessionWith({ secrets, script: 'env -0 > "$MODEL_PATH/environment"\necho ready\nexec sleep 3600\n' });
    await scheduler.submit(session);
    await running(session);
    await expect.poll(() => written("environment"), { timeout: 20_000 }).toContain("SERAI_SESSION");
    const environment = (await written("environment")).split("\0");
    expect(environment).toContain(`AWKWARD=${awkward}`);
    expect(environment).toContain("EMPTY=");
    expect(environment.find((one) => one.startsWith("IN_HOME="))).toMatch(/^IN_HOME=\/.*\/home\/it's$/);

    const shown = await everythingShown(jobIdOf(installationId, session.id));
    expect(shown).toContain("nomadVar");
    expect(shown).toContain("ready");
    expect(shown).toContain("prohibited");
    expect(shown).not.toContain(canary);
    await gone(session);
  });

  /** Every text of Nomad's API about a job, but for the variable itself, which takes the right to read it. */
  async function everythingShown(jobId: string): Promise<string> {
    const text = async (path: string): Promise<string> => (await fetch(`${nomad.address}${path}`)).text();
    const ofJob = ["", "/versions", "/allocations", "/evaluations", "/deployments", "/summary"].map((part) => `/v1/job/${jobId}${part}`);
    const [allocation] = (await nomad.get(`/v1/job/${jobId}/allocations`)) as readonly { readonly ID: string }[];
    const id = allocation?.ID ?? "";
    const files = async (directory: string): Promise<readonly string[]> => {
      const there = (await nomad.get(`/v1/client/fs/ls/${id}?path=${directory}`)) as readonly { readonly Name: string; readonly IsDir: boolean }[];
      // What comes out of a pipe is in the log beside it.
      const regular = there.filter(({ Name }) => !Name.endsWith(".fifo"));
      const below = regular.map(async ({ Name, IsDir }) => (IsDir ? files(`${directory}/${Name}`) : [`${directory}/${Name}`]));
      return (await Promise.all(below)).flat();
    };
    const contents = (await files("")).map((path) => `/v1/client/fs/cat/${id}?path=${encodeURIComponent(path)}`);
    const secret = ["run.sh", "secrets.sh"].map((name) => `/v1/client/fs/cat/${id}?path=model/secrets/${name}`);
    const lists = ["/v1/jobs?meta=true", "/v1/allocations?resources=true&task_states=true", "/v1/vars", "/v1/evaluations"];
    const others = [`/v1/allocation/${id}`, `/v1/client/allocation/${id}/stats`, "/v1/agent/self"];
    const answers = await Promise.all([...ofJob, ...lists, ...others, ...contents, ...secret].map(text));
    return [...answers, await eventsUntil(id)].join("\n");
  }

  /** All that are in the buffer, up to the one that tells that the allocation runs. */
  async function eventsUntil(allocationId: string): Promise<string> {
    const signal = AbortSignal.timeout(20_000);
    let seen = "";
    for await (const chunk of client.stream("/v1/event/stream", { index: 1 }, signal)) {
      seen += Buffer.from(chunk).toString();
      if (seen.includes(allocationId) && seen.includes('"ClientStatus":"running"')) return seen;
    }
    throw new Error("the allocation's events did not come");
  }

  it("of the session that takes a seat over change nothing for the one that still has it, and both are removed in the end", async () => {
    const script = 'echo "$WHICH" >> "$MODEL_PATH/said"\necho $$ > "$MODEL_PATH/pid"\nexec sleep 3600\n';
    const old = sessionWith({ secrets: { WHICH: "old" }, script });
    await scheduler.submit(old);
    await running(old);
    await expect.poll(() => written("said"), { timeout: 20_000 }).toBe("old\n");
    const { resources } = old;
    const next = { ...old, id: nextInSeat(old.id), secrets: { WHICH: "next" }, resources: { ...resources, memoryMiB: 100_000_000 } };
    await scheduler.replace(old.id, next);
    process.kill(Number(await written("pid")), "SIGKILL");
    await expect.poll(() => written("said"), { timeout: 20_000 }).toBe("old\nold\n");
    expect(await paths()).toHaveLength(2);
    await gone(next);
    await expect.poll(paths, { timeout: 20_000 }).toEqual([]);
  });

  it("of one that was replaced are removed while its successor runs on with its own", async () => {
    const old = sessionWith({ secrets: { WHICH: "old" } });
    await scheduler.submit(old);
    await running(old);
    const next = { ...old, id: nextInSeat(old.id), secrets: { WHICH: "next" } };
    await scheduler.replace(old.id, next);
    await gone(old);
    await running(next);
    await expect.poll(paths, { timeout: 20_000 }).toEqual(referencesOf(installationId, next).map(({ path }) => path));
    await gone(next);
    await expect.poll(paths, { timeout: 20_000 }).toEqual([]);
  });

  it("of a submission that came no further are swept after a while, those of living sessions and of other installations never", async () => {
    const living = sessionWith({ secrets: { WHICH: "living" } });
    await scheduler.submit(living);
    await running(living);
    const stranger = referencesOf(`${installationId}0`, sessionWith({ secrets: { WHICH: "of another" } }));
    const left = referencesOf(installationId, sessionWith({ id: newId("session"), secrets: { WHICH: "left over" } }));
    await writeVariables(client, [...stranger, ...left]);
    const context = { client, installationId, log: silentLog };
    const all = [...referencesOf(installationId, living), ...stranger, ...left].map(({ path }) => path);
    await sweepVariables(context, Date.now() - 60_000);
    expect((await paths()).toSorted()).toEqual(all.toSorted());
    await sweepVariables(context, Date.now() + 60_000);
    expect((await paths()).toSorted()).toEqual(all.slice(0, 2).toSorted());
    await gone(living);
  });

  it("of more than Nomad keeps are refused with the limit", async () => {
    const session = sessionWith({ secrets: { FIRST: "x".repeat(32_768), SECOND: "y".repeat(32_768) } });
    await expect(scheduler.submit(session)).rejects.toMatchObject({
      code: "SCHEDULER_REFUSED",
      publicMessage: expect.stringContaining("at most 64 KiB of them together"),
    });
  });
});
