import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLog } from "../../server/log.ts";
import { newId, type SessionId } from "../../server/model/ids.ts";
import { nextInSeat } from "../../server/model/seat.ts";
import type { Observation, Session } from "../../server/model/session.ts";
import { startScript } from "../../server/model/start-script.ts";
import { openLocalScheduler } from "../../server/scheduler/local/local-scheduler.ts";
import type { Scheduler } from "../../server/scheduler/scheduler.ts";
import { publish, serves, urlOf } from "../contract/bench.ts";
import { hostSessionDefaults, serveOnHost } from "../contract/local-harness.ts";
import { observe } from "../contract/observe.ts";
import { killAll, markedProcesses } from "../contract/session-processes.ts";
import { modelOf } from "../model/start-run.ts";

let directory = "";
const sessionsOf = (): string => join(directory, "sessions");
const started: ChildProcess[] = [];
const submitted: SessionId[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "serai-adoption-"));
});
afterEach(async () => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
  for (const id of submitted.splice(0)) await killAll(await markedProcesses(id));
  await rm(directory, { recursive: true, force: true });
});

async function session(script: string, id = newId("session")): Promise<Session> {
  submitted.push(id);
  const resources = { cpuMillicores: 100, memoryMiB: 64, sharedMemoryMiB: 0, accelerators: [] };
  const named = { id, routeId: newId("route"), serviceId: newId("service"), serviceName: "adopted", script };
  return { ...named, resources, variables: {}, actionCount: 0, avoid: [], ...(await hostSessionDefaults(directory)) };
}

/** Another Serai that runs the session, from the moment it is as wanted. */
async function startSerai(wanted: Session, isSo: (observation: Observation) => boolean, successor: Session | null = null) {
  const file = join(directory, "submit.json");
  await writeFile(file, JSON.stringify([wanted, ...(successor === null ? [] : [successor])]));
  const program = fileURLToPath(new URL("local-child.ts", import.meta.url));
  const child = spawn(process.execPath, [program, sessionsOf(), file], { stdio: ["pipe", "pipe", "inherit"] });
  started.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const until = async (matches: (observation: Observation) => boolean): Promise<Observation> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done === true) throw new Error("the other Serai ended");
      const observation = JSON.parse(value) as Observation;
      if (matches(observation)) return observation;
    }
  };
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  return { child, kill, until, observation: await until(isSo) };
}

const open = (): Promise<Scheduler> => openLocalScheduler({ directory: sessionsOf(), log: silentLog });

async function firstSeen(scheduler: Scheduler): Promise<readonly Observation[]> {
  for await (const { observations } of scheduler.watch(new AbortController().signal)) return observations;
  return [];
}

const serving = `${publish("greeting", "echo still here")}\n${serveOnHost}`;

describe("after a kill -9 of Serai", () => {
  it("a session goes on in the same process, at the same address as soon as it is known to be still its own", async () => {
    const wanted = await session(serving);
    const other = await startSerai(wanted, serves);
    const processes = await markedProcesses(wanted.id);
    await other.kill();
    expect(await (await fetch(`${urlOf(other.observation)}/greeting`)).text()).toBe("still here\n");

    await using scheduler = await open();
    const { attempt, address } = other.observation;
    expect(await firstSeen(scheduler)).toMatchObject([{ sessionId: wanted.id, state: "RUNNING", attempt }]);
    await scheduler.submit(wanted);
    await using observed = observe(scheduler);
    const later = await session(serving);
    await scheduler.submit(later);
    await observed.until(later.id, serves, "serving");
    expect(await markedProcesses(wanted.id)).toEqual(processes);
    expect(observed.newest(wanted.id)).toMatchObject({ state: "RUNNING", attempt, address });
  });

  it("start actions go on, and what they did before and after is told", async () => {
    const model = modelOf(
      [
        { action: "log", args: { message: "before" } },
        { action: "run_command", args: { command: ["sh", "-c", 'until [ -e "$SERAI_HOME/go" ]; do sleep 0.05; done; echo after; exit 4'] } },
      ],
      ["sleep", "3000"],
    );
    const wanted = { ...(await session("")), script: startScript(model, []), actionCount: 2 };
    const other = await startSerai(wanted, ({ step }) => step?.index === 1);
    await other.kill();
    await using scheduler = await open();
    await using observed = observe(scheduler);
    expect(await observed.until(wanted.id, ({ step }) => step !== null, "at its action")).toMatchObject({ step: { index: 1, count: 2 } });
    await writeFile(join(sessionsOf(), wanted.id, "home", "go"), "");
    const ended = await observed.until(wanted.id, ({ lastExit }) => lastExit !== null, "ended");
    expect(ended.lastExit?.action).toMatchObject({ index: 1, exitCode: 4, said: "after" });
    const told = ended.events.flatMap(({ action }) => (action === undefined ? [] : [[action.index, action.out]]));
    expect(told).toEqual([
      [0, "before\n"],
      [1, "after\n"],
    ]);
  });

  it("the end of an adopted session is noticed, and it is started again", async () => {
    const wanted = await session(serving);
    const other = await startSerai(wanted, serves);
    await other.kill();
    await using scheduler = await open();
    await using observed = observe(scheduler);
    await killAll(await markedProcesses(wanted.id));
    const again = await observed.until(wanted.id, (seen) => serves(seen) && seen.attempt !== other.observation.attempt, "serving again");
    expect(again.lastExit).toMatchObject({ code: null, signal: null });
    expect(again.lastExit?.message).toBe("How it ended is not known: an earlier run of Serai had started it.");
  });

  it("a session whose process ended meanwhile is started again by the rules of back-off", async () => {
    const wanted = await session(serving);
    const other = await startSerai(wanted, serves);
    await other.kill();
    await killAll(await markedProcesses(wanted.id));
    await using scheduler = await open();
    await using observed = observe(scheduler);
    await observed.until(wanted.id, ({ state }) => state === "BACKING_OFF", "backing off");
    await observed.until(wanted.id, serves, "serving again");
    expect(await markedProcesses(wanted.id)).toHaveLength(1);
  });

  it("a session that was being stopped is finished off", async () => {
    const wanted = await session("trap '' TERM\nwhile :; do sleep 1; done");
    const other = await startSerai(wanted, ({ state }) => state === "RUNNING");
    other.child.stdin?.write("stop 1500\n");
    await other.until(({ state }) => state === "STOPPING");
    await other.kill();
    await using scheduler = await open();
    await using observed = observe(scheduler);
    // Of one that has ended its logs are left.
    await expect.poll(() => readdir(join(sessionsOf(), wanted.id)), { timeout: 30_000 }).toEqual(["ended.json", "logs"]);
    expect(await markedProcesses(wanted.id)).toEqual([]);
    expect(observed.newest(wanted.id)?.state).not.toBe("RUNNING");
  });

  it("a process that was started but not yet noted is replaced, never doubled", async () => {
    const wanted = await session(serving);
    const other = await startSerai(wanted, serves);
    const before = await markedProcesses(wanted.id);
    await other.kill();
    const file = join(sessionsOf(), wanted.id, "progress.json");
    const progress = JSON.parse(await readFile(file, "utf8"));
    await writeFile(file, JSON.stringify({ ...progress, attempt: { ...progress.attempt, process: null, host: null } }));
    await using scheduler = await open();
    await using observed = observe(scheduler);
    await observed.until(wanted.id, serves, "serving");
    const after = await markedProcesses(wanted.id);
    expect(after).toHaveLength(1);
    expect(after).not.toEqual(before);
  });

  it.each([
    ["", (progress: object) => progress],
    [", also where the old session had not been told yet", (progress: object) => ({ ...progress, stopBy: null })],
  ])("a seat that was being handed on goes to its successor when the old session has ended%s", async (_, found) => {
    const old = await session("trap '' TERM\nwhile :; do sleep 1; done");
    const successor = await session(serving, nextInSeat(old.id));
    const other = await startSerai(old, ({ state }) => state === "RUNNING", successor);
    other.child.stdin?.write("replace\n");
    await other.until(({ sessionId, state }) => sessionId === old.id && state === "STOPPING");
    await other.kill();
    const file = join(sessionsOf(), old.id, "progress.json");
    await writeFile(file, JSON.stringify(found(JSON.parse(await readFile(file, "utf8")))));

    await using scheduler = await open();
    await using observed = observe(scheduler);
    await observed.until(old.id, ({ state }) => state === "STOPPING", "stopping");
    await scheduler.replace(old.id, successor);
    expect(observed.newest(successor.id)).toMatchObject({ state: "PLACED", attempt: null });
    expect(await scheduler.nodes()).toMatchObject([{ memoryMiB: { used: 64 } }]);
    await scheduler.stop(old.id, 0);
    await observed.until(successor.id, serves, "serving");
    expect(observed.newest(old.id)?.state).toBe("GONE");
    expect([await markedProcesses(old.id), (await markedProcesses(successor.id)).length]).toEqual([[], 1]);
  });

  it("what it was half way through writing or removing blocks nothing", async () => {
    const unreadable = newId("session");
    await mkdir(join(sessionsOf(), `.new-${newId("session")}`, "home"), { recursive: true });
    await mkdir(join(sessionsOf(), `.gone-${newId("session")}`, "logs"), { recursive: true });
    await mkdir(join(sessionsOf(), unreadable));
    await writeFile(join(sessionsOf(), unreadable, "session.json"), '{"session":');
    await using scheduler = await open();
    expect(await firstSeen(scheduler)).toEqual([]);
    expect(await readdir(sessionsOf())).toEqual([]);
  });
});

describe("an orderly end of Serai", () => {
  it("ends every process, lets Serai end, and the next start runs the sessions again", async () => {
    const wanted = await session(serving);
    const other = await startSerai(wanted, serves);
    other.child.stdin?.write("close\n");
    const [code] = await once(other.child, "exit");
    expect(code).toBe(0);
    expect(await markedProcesses(wanted.id)).toEqual([]);
    await using scheduler = await open();
    await using observed = observe(scheduler);
    const again = await observed.until(wanted.id, serves, "serving");
    expect(again.lastExit).toBeNull();
  });

  it("keeps in the history what a start action did that was ended with it", async () => {
    const model = modelOf([{ action: "run_command", args: { command: ["sleep", "3000"] } }]);
    const wanted = { ...(await session("")), script: startScript(model, []), actionCount: 1 };
    {
      await using first = await open();
      await using observed = observe(first);
      await first.submit(wanted);
      await observed.until(wanted.id, ({ step }) => step !== null, "at its action");
    }
    await using second = await open();
    await using observed = observe(second);
    const { events } = await observed.until(wanted.id, ({ attempt, step }) => attempt === "2" && step !== null, "at its action again");
    expect(events.filter(({ kind }) => kind === "ACTION")).toMatchObject([{ key: "1:ACTION:0", action: { index: 0, exitCode: null } }]);
  });

  it("does not shorten a wait for the next start", async () => {
    const wanted = await session("exit 1");
    const isLongWait = ({ retryAt }: Observation): boolean => retryAt !== null && retryAt.getTime() - Date.now() > 3000;
    const retryAt = await (async () => {
      await using first = await open();
      await using observed = observe(first);
      await first.submit(wanted);
      return (await observed.until(wanted.id, isLongWait, "waiting long")).retryAt;
    })();
    await using second = await open();
    expect(await firstSeen(second)).toMatchObject([{ state: "BACKING_OFF", retryAt }]);
  });
});
