/**
 * Takes away what nobody finishes: at the start, and then every few minutes. Whichever process comes first does the work: rows are
 * told to one of them only, and removing a file twice is no harm.
 */
import type { Log } from "../../log.ts";
import { messageOf } from "../../failure.ts";
import type { UploadId } from "../../model/ids.ts";
import type { Database } from "../../store/database.ts";
import { deleteExpiredUploads, presentUploads, uploadLifetimeMs } from "../../store/uploads.ts";
import type { StagedFiles } from "./staged.ts";

const everyMs = 5 * 60_000;
const atOnce = 100;

async function sweep(database: Database, staged: StagedFiles, now: Date): Promise<void> {
  for (;;) {
    const over = await deleteExpiredUploads(database, atOnce);
    for (const id of over) await staged.remove(id);
    if (over.length < atOnce) break;
  }
  // What a crash left between a file and its row, on either side.
  let found: UploadId[] = [];
  const clear = async () => {
    const present = await presentUploads(database, found);
    for (const id of found) if (!present.has(id)) await staged.remove(id);
    found = [];
  };
  for await (const id of staged.untouchedSince(new Date(now.getTime() - uploadLifetimeMs))) {
    found.push(id);
    if (found.length >= atOnce) await clear();
  }
  await clear();
}

export function openSweeper(database: Database, staged: StagedFiles, log: Log): AsyncDisposable {
  let sweeping: Promise<void> = Promise.resolve();
  const turn = (): void => {
    sweeping = sweeping
      .then(() => sweep(database, staged, new Date()))
      .catch((thrown: unknown) => log.warn({ reason: messageOf(thrown) }, "old uploads could not be cleared away"));
  };
  turn();
  const timer = setInterval(turn, everyMs);
  timer.unref();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await sweeping;
    },
  };
}
