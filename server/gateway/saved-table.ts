/**
 * The last route table on disk, with the public keys that tokens are verified by: what a gateway serves that starts while the database
 * is down. The file is for its owner only (addresses of routes are in it), is replaced as a whole, and never older than the second in
 * which it was last true, which its time of modification says.
 *
 * Left out on reading: holds (nothing ends them without a database) and draining routes (nobody is there to be told of them).
 */
import { chmod, readFile, rename, stat, utimes, writeFile } from "node:fs/promises";
import { messageOf } from "../failure.ts";
import type { Log } from "../log.ts";
import type { RouteTableRow } from "../store/route-table.ts";
import type { PublicKeyRow } from "../auth/verifier.ts";

export type SavedTable = { readonly rows: readonly RouteTableRow[]; readonly keys: readonly PublicKeyRow[]; readonly trueAt: Date };

/** A file of another format is not read. */
const format = 4;
type Saved = {
  readonly format: number;
  readonly rows: readonly RouteTableRow[];
  readonly keys: readonly { readonly id: string; readonly publicKey: string; readonly retiresAt: string | null }[];
};

/** Null where there is none that can be used. */
export async function readSavedTable(path: string, log: Log): Promise<SavedTable | null> {
  try {
    const { mtime } = await stat(path);
    const saved = JSON.parse(await readFile(path, "utf8")) as Saved;
    if (saved.format !== format) return null;
    const rows = saved.rows.map((row) => ({ ...row, holdUntil: null, expectedAt: null, readAt: mtime, drainingRoutes: [] }));
    const keys = saved.keys.map((key) => ({ ...key, retiresAt: key.retiresAt === null ? null : new Date(key.retiresAt) }));
    return { rows, keys, trueAt: mtime };
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "ENOENT") log.warn({ path, reason: messageOf(thrown) }, "the last route table cannot be read");
    return null;
  }
}

const saveEveryMs = 1000;
const confirmEveryMs = 10_000;

export type TableSaving = AsyncDisposable & { save(rows: readonly RouteTableRow[]): void };

export type TableSavingOptions = {
  readonly path: string;
  readonly readKeys: () => Promise<readonly PublicKeyRow[]>;
  /** Whether what was saved last is true now. */
  readonly isTrue: () => boolean;
  readonly log: Log;
};

/** Writes at most once a second, and only what is new. What cannot be written is a warning: serving goes on. */
export function openTableSaving({ path, readKeys, isTrue, log }: TableSavingOptions): TableSaving {
  let wanted: readonly RouteTableRow[] | null = null;
  let written = "";
  let confirmedAtMs = 0;
  let last: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    try {
      if (wanted !== null) {
        const rows = wanted.map((row) => ({ ...row, readAt: null, holdUntil: null, expectedAt: null, drainingRoutes: [] }));
        wanted = null;
        const keys = (await readKeys()).map(({ id, publicKey, retiresAt = null }) => ({ id, publicKey, retiresAt }));
        const text = `${JSON.stringify({ format, rows, keys })}\n`;
        if (text !== written) {
          await writeFile(`${path}.new`, text, { mode: 0o600 });
          await chmod(`${path}.new`, 0o600);
          await rename(`${path}.new`, path);
          written = text;
          confirmedAtMs = performance.now();
          return;
        }
      }
      if (written === "" || !isTrue() || performance.now() - confirmedAtMs < confirmEveryMs) return;
      confirmedAtMs = performance.now();
      await utimes(path, new Date(), new Date());
    } catch (thrown) {
      log.warn({ path, reason: messageOf(thrown) }, "the route table cannot be saved; a start without a database would serve an older one");
    }
  }

  const timer = setInterval(() => {
    last = last.then(write);
  }, saveEveryMs);

  return {
    save: (rows) => void (wanted = rows),
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      confirmedAtMs = Number.NEGATIVE_INFINITY;
      await last.then(write);
    },
  };
}
