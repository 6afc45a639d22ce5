/** One attempt at running a session: starting it, taking over one that lives already, and what follows from its end. */
import type { SessionEvent, SessionExit } from "../../model/session.ts";
import { asSentence } from "../../model/words.ts";
import { failuresAfter, waitBeforeMs } from "./back-off.ts";
import { deviceVariables } from "./devices.ts";
import { change, changeAttempt, type LocalSession, type Machine } from "./local-session.ts";
import { readOutputTail, removeOldLogs } from "./log-files.ts";
import { isAlive } from "./processes.ts";
import { type Attempt, earlierOf, type ProcessIdentity } from "./progress.ts";
import { type Ended, startProcess } from "./start-process.ts";
import { removeStart } from "./start-files.ts";
import { finishStart, watchStart } from "./start-watch.ts";
import { terminate } from "./terminate.ts";

const leftoversMs = 10_000;

const eventOf = (number: number, kind: SessionEvent["kind"], message: string, at = new Date()): SessionEvent => ({
  key: `${number}:${kind}`,
  at,
  kind,
  message,
});

export async function startAttempt(local: LocalSession, machine: Machine): Promise<void> {
  const { session, files } = local;
  const number = (local.progress.attempt?.number ?? 0) + 1;
  if (session.actionCount > 0) await removeStart(files.start);
  const port = await machine.ports.reserve();
  if (local.progress.stopBy !== null) return machine.ports.release(port);

  // Noted before the process exists: if Serai is killed in between, the next one looks for what the mark belongs to.
  const startedAt = new Date();
  const discardedBytes = { stdout: 0, stderr: 0 };
  const earlier = earlierOf(local.progress);
  change(local, machine, { retryAt: null, earlier, attempt: { number, port, host: null, process: null, startedAt, discardedBytes } });
  const variables = deviceVariables(machine.devices, local.progress.devices ?? []);
  const started = await startProcess(session, files, { attempt: number, port, variables });
  if (!started.ok) return noteFailedStart(local, machine, number, started.message);

  void started.ended.then((ended) => noteEnded(local, ended));
  const news = eventOf(number, "STARTED", `Started as process ${started.identity.pid}.`, startedAt);
  changeAttempt(local, machine, number, { process: started.identity }, news);
  followAttempt(local, machine, started.identity);
  await removeOldLogs(files.logs, number);
}

/** Once, before anything else, for what an earlier Serai left. A process that lives goes on as if nothing had happened. */
export async function takeUpAttempt(local: LocalSession, machine: Machine): Promise<void> {
  const { attempt, stopBy } = local.progress;
  if (attempt === null || stopBy !== null) return;
  const { process: leader } = attempt;
  if (leader === null) {
    await endLeftovers(local, machine, null);
    // Told again: nobody knows whether what the actions did was written down before the end.
    await finishStart(local, attempt, endOf(attempt, local.progress.lastExit));
  } else if (isAlive(leader)) {
    machine.ports.hold(attempt.port);
    machine.exits.add(leader, () => noteEnded(local, { code: null, signal: null }));
    // That it listened once says nothing about who listens there now.
    change(local, machine, { attempt: { ...attempt, host: null } });
    followAttempt(local, machine, leader);
  } else {
    await finishAttempt(local, machine, attempt, { code: null, signal: null });
  }
}

/** An orderly end of Serai ends an attempt without an exit of its own. */
const endOf = ({ startedAt }: Attempt, lastExit: SessionExit | null): Date =>
  lastExit !== null && lastExit.at >= startedAt ? lastExit.at : new Date();

/** Ends what the attempt left behind, notes how it ended, and when the next one starts. */
export async function finishAttempt(local: LocalSession, machine: Machine, attempt: Attempt, ended: Ended): Promise<void> {
  const at = new Date();
  local.attemptOver.abort();
  await endLeftovers(local, machine, attempt.process);
  machine.ports.release(attempt.port);
  const action = await finishStart(local, attempt, at);
  const outputTail = await readOutputTail(local.files.logs, attempt.number);
  const isKnown = ended.code !== null || ended.signal !== null;
  const message = isKnown ? null : "How it ended is not known: an earlier run of Serai had started it.";
  const lastExit: SessionExit = { ...ended, outOfMemory: false, at, outputTail, message, action };
  const failures = failuresAfter(local.progress.failures, at.getTime() - attempt.startedAt.getTime());
  backOff(local, machine, { attempt, failures, lastExit, event: eventOf(attempt.number, "EXITED", sentenceOf(ended)) });
}

function noteFailedStart(local: LocalSession, machine: Machine, number: number, why: string): void {
  const { attempt, failures } = local.progress;
  if (attempt?.number !== number) return;
  machine.ports.release(attempt.port);
  const message = asSentence(`Could not be started: ${why}`);
  const lastExit: SessionExit = { code: null, signal: null, outOfMemory: false, at: new Date(), outputTail: "", message, action: null };
  const event = eventOf(number, "START_FAILED", message);
  backOff(local, machine, { attempt, failures: failures + 1, lastExit, event });
}

type End = { readonly attempt: Attempt; readonly failures: number; readonly lastExit: SessionExit; readonly event: SessionEvent };

function backOff(local: LocalSession, machine: Machine, { attempt, failures, lastExit, event }: End): void {
  const retryAt = new Date(Date.now() + waitBeforeMs(failures));
  change(local, machine, { attempt: { ...attempt, process: null, host: null }, failures, retryAt, lastExit }, event);
}

function noteEnded(local: LocalSession, ended: Ended): void {
  local.ended = ended;
  local.bell.ring();
}

function followAttempt(local: LocalSession, machine: Machine, leader: ProcessIdentity): void {
  const { attempt } = local.progress;
  if (attempt === null) return;
  local.attemptOver = new AbortController();
  watchStart(local, machine, attempt);
  const { number, port } = attempt;
  machine.listeners.add({
    id: local.session.id,
    leader,
    port,
    signal: local.attemptOver.signal,
    found: (host) => changeAttempt(local, machine, number, { host }),
    taken: () => changeAttempt(local, machine, number, {}, eventOf(number, "NOTE", `Port ${port} is held by a process that is not the session's.`)),
  });
}

async function endLeftovers(local: LocalSession, machine: Machine, leader: ProcessIdentity | null): Promise<void> {
  // What not even SIGKILL ends (it hangs in the kernel) holds up neither a start nor an end for ever.
  const triedUntil = Date.now() + leftoversMs;
  const giveUpAt = (): number => Math.min(triedUntil, machine.closeBy() + 1000);
  await terminate(machine.processes, { id: local.session.id, leader, killAt: () => 0, giveUpAt });
}

const sentenceOf = ({ code, signal }: Ended): string => {
  if (signal !== null) return `Ended by ${signal}.`;
  return code === null ? "Ended; nobody saw how." : `Exited with code ${code}.`;
};
