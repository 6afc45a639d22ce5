/**
 * Notices that the model definition in a folder has changed, whoever changed it: "definition changed since revision N".
 *
 * What comes through Serai is noted by whoever wrote it (`noteDefinition`), at once. Sessions and shared file systems tell nobody, so
 * every few seconds the definitions of folders that live services run are looked at, here one after the other: by their identity
 * (inode, size, time), and read only where that is news. Every process with the API does so; who comes second finds it written already.
 *
 * A file system that does not answer is no change: the definition is what it was when it was last seen.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { messageOf } from "../failure.ts";
import type { Log } from "../log.ts";
import { definitionFileNames } from "../model/definition-names.ts";
import type { FolderId } from "../model/ids.ts";
import { listServedFolders, writeDefinitionHash } from "../store/definition-hash.ts";
import type { Database } from "../store/database.ts";
import { codeOf } from "./errors.ts";
import type { Folders } from "./folders.ts";

type Reader = Pick<Folders, "readDefinition">;
type Ports<Reads> = { readonly database: Database; readonly folders: Reads; readonly log: Log };

/** Called after a change of these paths; does nothing where none of them can be a definition. Never throws: the watch comes later. */
export async function noteDefinition({ database, folders, log }: Ports<Reader>, folderId: FolderId, paths: readonly string[]): Promise<void> {
  if (!paths.some((path) => definitionFileNames.some((name) => name === path))) return;
  try {
    await writeDefinitionHash(database.db, folderId, await hashOf(folders, folderId));
  } catch (thrown) {
    log.debug({ folder: folderId, reason: messageOf(thrown) }, "a changed definition could not be noted; the watch will");
  }
}

async function hashOf(folders: Reader, folderId: FolderId): Promise<string | null> {
  const file = await folders.readDefinition(folderId);
  return "hash" in file ? file.hash : null;
}

const lookEveryMs = 3000;
/** A file that was written this short a time ago may be written again within the same tick of its clock: it is not trusted to be known. */
const settledMs = 3000;
/** Read again whatever its identity says: clocks of shared file systems go wrong. */
const trustedMs = 60_000;

type Seen = { readonly identity: string; readonly hash: string | null; readonly at: number };

/** @param lookMs between two looks, for tests. */
export function openDefinitionWatch({ database, folders, log }: Ports<Reader & Pick<Folders, "pathOf">>, lookMs = lookEveryMs): AsyncDisposable {
  const ending = new AbortController();
  const seen = new Map<FolderId, Seen>();

  async function lookAt(folderId: FolderId, written: string | null): Promise<void> {
    const now = Date.now();
    const { identity, writtenAt } = await identify(folders.pathOf(folderId));
    const before = seen.get(folderId);
    // Where somebody has noted something else, the file is opened: on a shared file system that asks the server, while what `stat` says
    // may be a minute old. Else two processes would write what each of them believes in turn.
    const isKnown = before !== undefined && before.identity === identity && before.hash === written && now - before.at < trustedMs;
    const hash = isKnown ? before.hash : await hashOf(folders, folderId);
    if (!isKnown && now - writtenAt > settledMs) seen.set(folderId, { identity, hash, at: now });
    if (hash !== written) await writeDefinitionHash(database.db, folderId, hash);
  }

  async function lookAtAll(): Promise<void> {
    const served = await listServedFolders(database);
    const ids = new Set(served.map(({ id }) => id));
    for (const id of seen.keys()) if (!ids.has(id)) seen.delete(id);
    for (const { id, definitionHash } of served) {
      if (ending.signal.aborted) return;
      await lookAt(id, definitionHash).catch((thrown: unknown) => {
        log.debug({ folder: id, reason: messageOf(thrown) }, "a folder's definition cannot be looked at");
      });
    }
  }

  const watching = (async () => {
    while (!ending.signal.aborted) {
      await lookAtAll().catch((thrown: unknown) => log.debug({ reason: messageOf(thrown) }, "definitions cannot be looked at"));
      await pause(lookMs, undefined, { signal: ending.signal }).catch(() => {});
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      ending.abort();
      // A file system that hangs must not keep Serai from ending.
      await Promise.race([watching, pause(1000, undefined, { ref: false })]);
    },
  };
}

/** Of all that decides what is read: both names, and that one of them is missing. */
async function identify(directory: string): Promise<{ readonly identity: string; readonly writtenAt: number }> {
  const parts = await Promise.all(
    definitionFileNames.map(async (name) => {
      const stats = await stat(join(directory, name), { bigint: true }).catch((thrown: unknown) => {
        // Nothing, or a link that leads nowhere.
        if (["ENOENT", "ELOOP", "ENOTDIR"].includes(codeOf(thrown) ?? "")) return null;
        throw thrown;
      });
      return { text: stats === null ? "-" : `${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}`, at: Number(stats?.ctimeMs ?? 0n) };
    }),
  );
  return { identity: parts.map(({ text }) => text).join(" · "), writtenAt: Math.max(...parts.map(({ at }) => at)) };
}
