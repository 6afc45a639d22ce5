/** Ends all processes of a session: SIGTERM to each once, SIGKILL to what is left at `killAt`, and not done before none is left. */
import { setTimeout as pause } from "node:timers/promises";
import type { SessionId } from "../../model/ids.ts";
import { processesOf, type ProcessTable } from "./processes.ts";
import type { ProcessIdentity } from "./progress.ts";

export type Termination = {
  readonly id: SessionId;
  readonly leader: ProcessIdentity | null;
  /** Milliseconds since 1970; asked again and again, as it may come nearer. */
  readonly killAt: () => number;
  /** When to give up, for processes that not even SIGKILL ends (hanging in the kernel). */
  readonly giveUpAt: () => number;
};

/** Whether none is left. */
export async function terminate(table: ProcessTable, { id, leader, killAt, giveUpAt }: Termination): Promise<boolean> {
  const asked = new Set<number>();
  for (let pauseMs = 15; ; pauseMs = Math.min(pauseMs * 1.5, 400)) {
    const remaining = processesOf(await table(), id, leader);
    if (remaining.length === 0) return true;
    const now = Date.now();
    if (now >= giveUpAt()) return false;
    for (const { pid } of remaining) {
      if (now >= killAt()) send(pid, "SIGKILL");
      else if (!asked.has(pid)) send(pid, "SIGTERM");
      asked.add(pid);
    }
    await pause(Math.max(5, Math.min(pauseMs, now < killAt() ? killAt() - now : pauseMs)));
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has just ended.
  }
}
