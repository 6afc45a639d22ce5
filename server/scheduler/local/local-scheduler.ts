/**
 * The scheduler for one machine, without anything to install: each session is a process group of this machine, with its
 * own directory under `directory`. Made to try Serai and to develop on; Linux only, as it reads /proc.
 *
 * What wakes it: a call, the end of a process, the time of a next start. It guarantees the contract of scheduler.ts, and:
 * - a `kill -9` of Serai ends no session and blocks no start: processes write their logs themselves, and the next open
 *   adopts what lives, by pid and start time, and starts what does not by the rules of back-off;
 * - an orderly end of Serai ends every process, and keeps the sessions for the next open;
 * - room is accounted, not enforced: what the sessions ask for never exceeds the machine, what they use may.
 * - a seat is handed on in one step, and its next session starts when the one before is gone (seats.ts).
 * A container cannot run here: such a session waits unplaced and says so.
 */
import { availableParallelism, hostname, totalmem } from "node:os";
import { basename, join } from "node:path";
import { AppError } from "../../failure.ts";
import type { Log } from "../../log.ts";
import { asId, type SessionId } from "../../model/ids.ts";
import { seatOf } from "../../model/seat.ts";
import type { Observation, Session, UnplacedFacts } from "../../model/session.ts";
import type { ComputeNode, NodeUser } from "../../model/observe.ts";
import type { Scheduler } from "../scheduler.ts";
import { refuseOtherSeat } from "../seat.ts";
import { type Capacity, type Claim, placeable, takesNothing, type Used, usedBeside, usedBy, whyUnplaced } from "./capacity.ts";
import { type Devices, findDevices } from "./devices.ts";
import { openExitWatch } from "./exit-watch.ts";
import { live } from "./life.ts";
import { openListenerWatch } from "./listener-watch.ts";
import { change, holdSession, type LocalSession, type Machine } from "./local-session.ts";
import { readLogs } from "./logs.ts";
import { goneObservation, observationOf } from "./observation.ts";
import { openPorts } from "./ports.ts";
import { openProcessTable, type ProcessTable } from "./processes.ts";
import { keptAttempts, untouched } from "./progress.ts";
import { openLogRotation } from "./rotation.ts";
import { earlierInSeat, endsBy, laterInSeat } from "./seats.ts";
import { createSessionDirectory, readEnded, readSessions, removeRest, sessionFiles, type Stored } from "./session-directory.ts";
import { terminate } from "./terminate.ts";
import { openWatchers } from "./watchers.ts";

const closingMs = 5000;

export type LocalSchedulerOptions = {
  /** Where sessions are kept: all of it is this scheduler's. */
  readonly directory: string;
  readonly log: Log;
  /** Default: all of this machine. */
  readonly capacity?: Capacity;
};

/** Inside a container, what that may use. The limit is 0 or beyond all memory where there is none. */
const wholeMachine = async (log: Log): Promise<Capacity> => ({
  cpuMillicores: availableParallelism() * 1000,
  memoryMiB: Math.floor(Math.min(totalmem(), process.constrainedMemory() || Infinity) / 1024 / 1024),
  devices: await findDevices(log),
});

export async function openLocalScheduler({ directory, log, ...options }: LocalSchedulerOptions): Promise<Scheduler> {
  const capacity = options.capacity ?? (await wholeMachine(log));
  const sessions = new Map<SessionId, LocalSession>();
  const lives = new Set<Promise<void>>();
  const closing = new AbortController();
  let closeBy = Infinity;
  const node = { id: hostname(), name: hostname() };
  /** Whether it takes new work. Not kept: whoever wishes otherwise says so again. */
  let eligible = true;

  const all = (): readonly LocalSession[] => [...sessions.values()];
  const placed = (): readonly LocalSession[] => all().filter(({ progress }) => progress.placed);
  const claims = (): readonly Claim[] => placed().map(claimOf);
  const machineNow = (): ComputeNode => ({ ...nodeOf(node, capacity, usedBy(claims()), placed()), eligible });
  const unplacedFacts = (session: Session): UnplacedFacts | null => {
    const facts = eligible ? whyUnplaced(session, capacity, usedBeside(seatOf(session.id), claims())) : takesNothing;
    return facts === null ? null : { ...facts, nodes: [machineNow()] };
  };
  const observationOfLocal = (local: LocalSession): Observation => ({
    ...observationOf(local.session.id, local, node, local.progress.placed ? null : unplacedFacts(local.session)),
    serviceName: local.session.serviceName,
  });

  const watchers = openWatchers(() => all().map(observationOfLocal), closing.signal);
  const processes = openProcessTable();
  const machine: Machine = {
    sessions: directory,
    log,
    ports: openPorts(),
    devices: capacity.devices,
    processes,
    listeners: openListenerWatch(processes, log, closing.signal),
    exits: openExitWatch(closing.signal),
    closing: closing.signal,
    closeBy: () => closeBy,
    changed: (local) => watchers.tell(observationOfLocal(local)),
    isSeatTaken: ({ session }) => earlierInSeat(all(), session.id).length > 0,
  };

  const endReplaced = (): void => {
    for (const local of all()) {
      const stopBy = local.progress.stopBy === null ? endsBy(local, laterInSeat(all(), local.session.id), new Date()) : null;
      if (stopBy !== null) change(local, machine, { stopBy });
    }
  };
  /** Whenever room may have appeared, or somebody new waits for it, or a seat is to be handed on. */
  const placeWaiting = (): void => {
    const isReplaced = ({ session }: LocalSession): boolean => laterInSeat(all(), session.id).length > 0;
    const waiting = all().filter((local) => !local.progress.placed && local.progress.stopBy === null && !isReplaced(local));
    const asking = waiting.map((local) => ({ local, seat: seatOf(local.session.id), order: local.order, ...local.session }));
    for (const { local, devices } of eligible ? placeable(asking, capacity, claims()) : []) {
      change(local, machine, { placed: true, devices }, { key: "PLACED", at: new Date(), kind: "PLACED", message: `Placed on ${node.name}.` });
    }
    endReplaced();
    for (const local of waiting) machine.changed(local);
  };
  /** Resolves when what an earlier Serai left of it is known. */
  const keep = (stored: Stored): Promise<void> => {
    const local = holdSession(directory, stored);
    sessions.set(local.session.id, local);
    const takenUp = Promise.withResolvers<void>();
    const life = live(local, machine, takenUp.resolve).then((isGone) => {
      if (!isGone) return;
      sessions.delete(local.session.id);
      watchers.tell(goneObservation(local.session.id, local));
      placeWaiting();
      for (const { bell } of laterInSeat(all(), local.session.id)) bell.ring();
    });
    lives.add(life);
    void life.finally(() => lives.delete(life));
    return takenUp.promise;
  };

  const { stored, rests } = await readSessions(directory, log);
  await Promise.all(rests.map((name) => clearRest(join(directory, name), processes, log)));
  let lastOrder = Math.max(0, ...stored.map(({ order }) => order));
  await Promise.all(stored.map(keep));
  placeWaiting();
  openLogRotation(all, machine);

  const submit = async (session: Session): Promise<void> => {
    if (closing.signal.aborted) throw new AppError("SCHEDULER_UNAVAILABLE", "the local scheduler is closed", { retry: true });
    if (sessions.has(session.id) || laterInSeat(all(), session.id).length > 0) return;
    // Who takes a seat over has waited for as long as who had it.
    const order = earlierInSeat(all(), session.id)[0]?.order ?? ++lastOrder;
    try {
      createSessionDirectory(directory, session, order);
    } catch (cause) {
      throw new AppError("SCHEDULER_UNAVAILABLE", `could not keep session ${session.id} in ${directory}`, { retry: true, cause });
    }
    void keep({ session, order, progress: untouched });
    placeWaiting();
  };

  return {
    kind: "local",
    check: () => Promise.resolve(),
    submit,
    async replace(old, session) {
      refuseOtherSeat(old, session.id);
      await submit(session);
    },
    async stop(id, graceMs) {
      const local = sessions.get(id);
      if (local === undefined) return watchers.tell(goneObservation(id, null));
      const stopBy = Math.min(Date.now() + graceMs, local.progress.stopBy?.getTime() ?? Infinity);
      change(local, machine, { stopBy: new Date(stopBy) });
      endReplaced();
    },
    async retry(id) {
      const local = sessions.get(id);
      if (local?.progress.retryAt != null) change(local, machine, { retryAt: null, failures: 0 });
    },
    watch: watchers.watch,
    logs: (id, query) =>
      readLogs(sessionFiles(directory, id).logs, query, () => {
        const local = sessions.get(id);
        if (local !== undefined) return { attempts: keptAttempts(local.progress), isOver: false };
        const attempts = readEnded(directory, id);
        return attempts && { attempts, isOver: true };
      }),
    preview: async (session) => {
      const unplaced = unplacedFacts(session);
      return unplaced === null ? { fits: true } : { fits: false, unplaced };
    },
    nodes: async () => [machineNow()],
    async setEligible(nodeId, wished) {
      if (nodeId !== node.id)
        throw new AppError("SCHEDULER_REFUSED", `there is no machine ${nodeId}`, { publicMessage: "There is no such machine." });
      eligible = wished;
      placeWaiting();
    },
    async [Symbol.asyncDispose]() {
      closeBy = Math.min(closeBy, Date.now() + closingMs);
      closing.abort();
      await Promise.all(lives);
    },
  };
}

const claimOf = ({ session: { id, resources }, progress }: LocalSession): Claim => ({ seat: seatOf(id), resources, devices: progress.devices ?? [] });

/** What is unreadable may still run: by its mark it is found, and ended, before its name is forgotten. */
async function clearRest(directory: string, processes: ProcessTable, log: Log): Promise<void> {
  const id = asId("session", basename(directory));
  const startedAt = Date.now();
  if (id !== null) await terminate(processes, { id, leader: null, killAt: () => 0, giveUpAt: () => startedAt + closingMs });
  await removeRest(directory, log);
}

type NodeName = { readonly id: string; readonly name: string };

/** A session in a seat that is being handed on takes the room once: as the one of the seat that takes most of it. */
function usersOf(placed: readonly LocalSession[]): readonly NodeUser[] {
  const bySeat = Map.groupBy(
    placed.map(({ session }) => session),
    ({ id }) => seatOf(id),
  );
  return [...bySeat].map(([seat, sessions]): NodeUser => {
    const { id, routeId, serviceId, serviceName, projectId = null } = sessions.at(-1) ?? raise(seat);
    const most = (of: (session: Session) => number): number => Math.max(...sessions.map(of));
    return {
      id: seat,
      job: id,
      session: { id, routeId: asId("route", routeId), serviceId: asId("service", serviceId), serviceName, projectId },
      cpuMillicores: most(({ resources }) => resources.cpuMillicores),
      memoryMiB: most(({ resources }) => resources.memoryMiB),
    };
  });
}

function raise(seat: string): never {
  throw new Error(`nobody has the seat ${seat}`);
}

function withHolders(devices: Devices, placed: readonly LocalSession[]): Devices {
  const holders = new Map(placed.flatMap(({ session, progress }) => (progress.devices ?? []).map((id) => [id, seatOf(session.id)])));
  return devices.map((group) => ({ ...group, instances: group.instances.map((one) => ({ ...one, heldBy: holders.get(one.id) ?? null })) }));
}

const nodeOf = (node: NodeName, capacity: Capacity, used: Used, placed: readonly LocalSession[]): ComputeNode => ({
  ...node,
  nodePool: "default",
  datacenter: "local",
  nodeClass: "",
  status: "READY",
  draining: false,
  eligible: true,
  seesFolders: true,
  gangs: false,
  coreSpeed: 1,
  cpuMillicores: { total: capacity.cpuMillicores, used: used.cpuMillicores },
  memoryMiB: { total: capacity.memoryMiB, used: used.memoryMiB },
  devices: withHolders(capacity.devices, placed),
  users: usersOf(placed),
  drivers: [],
  runs: ["HOST"],
});
