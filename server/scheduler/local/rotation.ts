/** Keeps the logs of what runs from filling the disk: every few seconds their sizes are looked at. */
import { messageOf } from "../../failure.ts";
import { changeAttempt, type LocalSession, type Machine } from "./local-session.ts";
import { rotateLog, streams } from "./log-files.ts";

const pauseMs = 5000;

export function openLogRotation(sessions: () => readonly LocalSession[], machine: Machine): void {
  let isRotating = false;
  const rotateAll = async (): Promise<void> => {
    if (isRotating) return;
    isRotating = true;
    for (const local of sessions()) {
      try {
        await rotate(local, machine);
      } catch (thrown) {
        machine.log.warn({ session: local.session.id, reason: messageOf(thrown) }, "could not rotate a log");
      }
    }
    isRotating = false;
  };
  const timer = setInterval(() => void rotateAll(), pauseMs);
  timer.unref();
  machine.closing.addEventListener("abort", () => clearInterval(timer), { once: true });
}

async function rotate(local: LocalSession, machine: Machine): Promise<void> {
  const { attempt } = local.progress;
  if (attempt === null || attempt.process === null) return;
  for (const stream of streams) {
    const bytes = await rotateLog(local.files.logs, attempt.number, stream);
    const now = local.progress.attempt?.discardedBytes;
    if (bytes > 0 && now !== undefined) changeAttempt(local, machine, attempt.number, { discardedBytes: { ...now, [stream]: now[stream] + bytes } });
  }
}
