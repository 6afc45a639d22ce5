/**
 * The life of one session, from its submission (or from the open that finds it) until it is gone: a loop that asks
 * `nextStep` what is to be done, does it, and sleeps until its bell rings or its next start is due. Whatever happens only
 * changes the progress or notes how the process ended, and rings; so there is one path for start, retry, stop and
 * adoption, and no two things are ever done to one session at the same time.
 */
import { finishAttempt, startAttempt, takeUpAttempt } from "./attempt.ts";
import { change, type LocalSession, type Machine } from "./local-session.ts";
import { nextStep } from "./progress.ts";
import { endSessionDirectory } from "./session-directory.ts";
import { finishStart } from "./start-watch.ts";
import { terminate } from "./terminate.ts";

const troublePauseMs = 1000;
/** What SIGKILL has not ended after this long hangs in the kernel, and is left to the next open. */
const lastResortMs = 2000;

/**
 * Resolves to whether it is gone; otherwise Serai ends, and its next open takes the session up again.
 * @param takenUp what an earlier Serai left of it is known now.
 */
export async function live(local: LocalSession, machine: Machine, takenUp: () => void): Promise<boolean> {
  let isTakenUp = false;
  while (!machine.closing.aborted) {
    try {
      if (!isTakenUp) await takeUpAttempt(local, machine);
      isTakenUp = true;
      takenUp();
      if (await goOn(local, machine)) return true;
    } catch (error) {
      machine.log.error({ error, session: local.session.id }, "a session's life met something unexpected; going on");
      await local.bell.rung(new Date(Date.now() + troublePauseMs), machine.closing);
    }
  }
  await quiet(local, machine);
  return false;
}

/** One step. Whether it was the last. */
async function goOn(local: LocalSession, machine: Machine): Promise<boolean> {
  const { ended, progress } = local;
  const step = nextStep(progress, new Date());
  if (step.kind === "END") return end(local, machine);
  if (ended !== null && progress.attempt !== null) {
    await finishAttempt(local, machine, progress.attempt, ended);
    local.ended = null;
  } else if (step.kind === "START" && machine.isSeatTaken(local)) {
    await local.bell.rung(null, machine.closing);
  } else if (step.kind === "START") {
    await startAttempt(local, machine);
  } else {
    await local.bell.rung(step.until, machine.closing);
  }
  return false;
}

async function end(local: LocalSession, machine: Machine): Promise<boolean> {
  const { session, progress } = local;
  local.attemptOver.abort();
  if (progress.attempt !== null) {
    const killAt = (): number => Math.min(local.progress.stopBy?.getTime() ?? Infinity, machine.closeBy());
    const leader = progress.attempt.process;
    const giveUpAt = (): number => machine.closeBy() + lastResortMs;
    if (!(await terminate(machine.processes, { id: session.id, leader, killAt, giveUpAt }))) return false;
    machine.ports.release(progress.attempt.port);
    // What an action did that was ended with it is told with the end: nothing of it is left afterwards.
    if (leader !== null) await finishStart(local, progress.attempt, new Date());
  }
  local.isGone = true;
  await endSessionDirectory(machine.sessions, session, local.progress, machine.log);
  return true;
}

/** Serai ends: so does the process, but the session stays, and this end counts as no failure of it. */
async function quiet(local: LocalSession, machine: Machine): Promise<void> {
  const { session, progress } = local;
  const { attempt } = progress;
  local.attemptOver.abort();
  if (attempt === null || attempt.process === null) return;
  const giveUpAt = (): number => machine.closeBy() + lastResortMs;
  const isQuiet = await terminate(machine.processes, { id: session.id, leader: attempt.process, killAt: machine.closeBy, giveUpAt });
  if (isQuiet) change(local, machine, { attempt: { ...attempt, process: null, host: null } });
  else machine.log.error({ session: session.id, pid: attempt.process.pid }, "a session's process could not be ended");
}
