/** What the cases of the suite work with: an opened scheduler, one watcher of it, and sessions that are cleared away after each case. */
import { newId, type SessionId } from "../../server/model/ids.ts";
import type { Observation, Session } from "../../server/model/session.ts";
import type { Scheduler } from "../../server/scheduler/scheduler.ts";
import type { SchedulerHarness } from "./harness.ts";
import { observe, type Observed } from "./observe.ts";

export type Bench = AsyncDisposable & {
  readonly scheduler: Scheduler;
  readonly observed: Observed;
  readonly harness: SchedulerHarness;
  /** A session that has not been submitted, small enough for any machine. */
  readonly session: (script: string, changes?: Partial<Session>) => Session;
  /** Submits it, and stops it when the case is over. */
  readonly submit: (session: Session) => Promise<SessionId>;
  /** Replaces the session by one in the same seat, which is stopped when the case is over. */
  readonly replace: (old: SessionId, session: Session) => Promise<SessionId>;
  /** Submits it and waits until requests may be sent to it. */
  readonly run: (session: Session) => Promise<{ readonly id: SessionId; readonly url: string }>;
  readonly clear: () => Promise<void>;
};

export const urlOf = ({ address }: Observation): string => {
  if (address === null) throw new Error("there is no address");
  return `http://${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`;
};

export const serves = (observation: Observation): boolean => observation.state === "RUNNING" && observation.address !== null;

/** Shell that puts a file beneath what `serve` serves. */
export const publish = (file: string, command: string): string => `mkdir -p "$SERAI_HOME/www" && { ${command}; } > "$SERAI_HOME/www/${file}"`;

export function openBench(harness: SchedulerHarness): Bench {
  const { scheduler } = harness;
  const observed = observe(scheduler);
  const submitted = new Set<SessionId>();

  const session = (script: string, changes: Partial<Session> = {}): Session => ({
    id: newId("session"),
    routeId: newId("route"),
    serviceId: newId("service"),
    serviceName: "contract",
    resources: { cpuMillicores: 100, memoryMiB: 64, sharedMemoryMiB: 0, accelerators: [] },
    variables: {},
    avoid: [],
    actionCount: 0,
    script: `#!/bin/sh\n${script}\n`,
    ...harness.sessionDefaults,
    ...changes,
  });
  const submit = async (wanted: Session): Promise<SessionId> => {
    submitted.add(wanted.id);
    await scheduler.submit(wanted);
    return wanted.id;
  };
  const replace = async (old: SessionId, wanted: Session): Promise<SessionId> => {
    submitted.add(wanted.id);
    await scheduler.replace(old, wanted);
    return wanted.id;
  };
  const run = async (wanted: Session): Promise<{ id: SessionId; url: string }> => {
    const id = await submit(wanted);
    return { id, url: urlOf(await observed.until(id, serves, "serving")) };
  };
  const clear = async (): Promise<void> => {
    const ids = [...submitted];
    submitted.clear();
    await Promise.all(ids.map((id) => scheduler.stop(id, 0)));
    await Promise.all(ids.map((id) => observed.until(id, ({ state }) => state === "GONE", "gone")));
  };
  return {
    scheduler,
    observed,
    harness,
    session,
    submit,
    replace,
    run,
    clear,
    async [Symbol.asyncDispose]() {
      await observed[Symbol.asyncDispose]();
      await harness[Symbol.asyncDispose]();
    },
  };
}
