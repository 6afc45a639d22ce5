/** Removes what a program left behind that started others: found by its directory, which nobody else has. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Kills every process that names the directory in its command line or environment, or works in it. */
export async function killEverythingOf(directory: string): Promise<void> {
  // More than once: whatever is being killed may be starting something.
  for (let round = 0; round < 20; round += 1) {
    const processes = processesOf(directory);
    if (processes.length === 0) return;
    for (const pid of processes) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {}
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function processesOf(directory: string): readonly number[] {
  const found: number[] = [];
  for (const entry of readdirSync("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    if (traces(pid).some((text) => text.includes(directory))) found.push(pid);
  }
  return found;
}

/** Empty for a zombie, so that it does not count. */
function traces(pid: number): readonly string[] {
  const read = [
    () => readFileSync(`/proc/${pid}/cmdline`, "utf8"),
    () => readFileSync(`/proc/${pid}/environ`, "utf8"),
    () => readlinkSync(`/proc/${pid}/cwd`),
  ];
  return read.map((one) => {
    try {
      return one();
    } catch {
      return "";
    }
  });
}

export async function unmountEverythingUnder(directory: string): Promise<void> {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "")
    .filter((path) => path.startsWith(`${directory}/`));
  // Many at a time: a program for each of a thousand would take minutes. What one of them cannot do keeps none of the others.
  for (let first = 0; first < mounts.length; first += 100) {
    try {
      execFileSync("umount", ["-l", ...mounts.toReversed().slice(first, first + 100)], { stdio: "ignore" });
    } catch {}
  }
}
