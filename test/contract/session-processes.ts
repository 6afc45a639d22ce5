/** Finds a session's processes on this machine by their mark, independently of any scheduler. */
import { readdir, readFile } from "node:fs/promises";
import type { SessionId } from "../../server/model/ids.ts";

const isZombie = (stat: string): boolean => /^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));

export async function markedProcesses(id: SessionId): Promise<readonly number[]> {
  const found: number[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const environ = await readFile(`/proc/${name}/environ`, "latin1");
      if (!environ.split("\0").includes(`SERAI_SESSION=${id}`)) continue;
      if (!isZombie(await readFile(`/proc/${name}/stat`, "latin1"))) found.push(Number(name));
    } catch {
      // It ended while we looked, or belongs to another user: not the session's.
    }
  }
  return found;
}

export async function killAll(pids: readonly number[]): Promise<void> {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // Killing one of them may have ended another.
    }
  }
}
