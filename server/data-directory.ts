/**
 * The directory that one process of Serai owns: who holds it, the secret and the administrator's token made at the first start.
 * A leaf: it knows nothing of what others keep there.
 */
import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "./failure.ts";

export type DataDirectory = {
  readonly path: string;
  /** The content of a small secret file (mode 0600), made of random bytes where it is not there yet. */
  secret(name: "admin-token" | "secret"): string;
} & Disposable;

/**
 * Opens the directory, making it where it is missing.
 * @param exclusive take it for this process, because a database or sessions are kept in it. A holder that died, however it did,
 * leaves nothing that blocks.
 * @throws AppError CONFIG_INVALID while another living process holds it.
 */
export function openDataDirectory(path: string, exclusive: boolean): DataDirectory {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const lock = join(path, "serai.pid");
  if (exclusive) takeLock(lock);
  return {
    path,
    secret: (name) => readOrMake(join(path, name)),
    [Symbol.dispose]: () => {
      if (exclusive) rmSync(lock, { force: true });
    },
  };
}

function takeLock(lock: string): void {
  const mine = `${lock}.${process.pid}`;
  writeFileSync(mine, `${process.pid} ${startTimeOf(process.pid) ?? ""}\n`, { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 5; attempt++) {
      // A link either makes the whole file or fails: two that start at once cannot both succeed.
      if (tryLink(mine, lock)) return;
      const holder = readHolder(lock);
      if (holder !== null)
        throw new AppError("CONFIG_INVALID", `SERAI_DATA_DIR: ${join(lock, "..")} is in use by the Serai with process id ${holder}.`);
      // Somebody may have taken it since it was read: only what is stale is thrown away.
      const moved = `${mine}.moved`;
      if (!tryRename(lock, moved)) continue;
      if (readHolder(moved) !== null) tryLink(moved, lock);
      rmSync(moved, { force: true });
    }
    throw new AppError("CONFIG_INVALID", `SERAI_DATA_DIR: ${lock} cannot be taken; others try at the same time.`);
  } finally {
    rmSync(mine, { force: true });
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw thrown;
  }
}

/** False where it is not there any more. */
function tryRename(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw thrown;
  }
}

/** The process id in the lock, if that very process still lives. */
function readHolder(lock: string): number | null {
  let content: string;
  try {
    content = readFileSync(lock, "utf8");
  } catch {
    return null;
  }
  const [pid, startTime] = content.trim().split(" ");
  return pid !== undefined && startTime !== undefined && startTimeOf(Number(pid)) === startTime ? Number(pid) : null;
}

/** Field 22 of /proc/<pid>/stat: with it a process id names one process for ever. */
function startTimeOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const afterName = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return afterName[0] === "Z" ? null : (afterName[19] ?? null);
  } catch {
    return null;
  }
}

function readOrMake(file: string): string {
  try {
    const content = readFileSync(file, "utf8").trim();
    if (content !== "") return content;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "ENOENT") throw thrown;
  }
  const made = randomBytes(32).toString("base64url");
  writeFileSync(`${file}.new`, `${made}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return made;
}
