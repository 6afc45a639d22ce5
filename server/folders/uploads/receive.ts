/**
 * A request's bytes into a file, from a position on.
 *
 * While one batch is being written the next is gathered, and then the client has to wait: about 1 MiB is the most that is held for an
 * upload, however fast it comes or slow the disk is. Measured on loopback: batches of 512 KiB are as fast as any larger ones.
 */
import type { Hash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { Readable } from "node:stream";

const batchBytes = 512 * 1024;
/** After so many bytes the disk is told to begin, so that it has little left to do when the file is finished and has to be safe. */
const writeBackBytes = 64 * 1024 * 1024;
/** A client that is silent for so long has gone without saying so. */
const silenceMs = 60_000;

export type Receiving = {
  readonly body: Readable;
  readonly file: FileHandle;
  readonly from: number;
  /** More than that is not taken. */
  readonly bytesMax: number;
  readonly hash: Hash | null;
  /** Asked before each write: false where the file has become another's. */
  mayWrite(): boolean;
};

/** `cut`: the body ended early, and what came of it is written. `superseded`: the file is another's now, and so is its end. */
export type Received = { readonly end: "complete" | "cut" | "tooLong" | "superseded"; readonly bytes: number };

/** @throws what the disk says (ENOSPC …); bytes may have been written by then. */
export async function receive(receiving: Receiving): Promise<Received> {
  const { body, file, from, bytesMax, hash, mayWrite } = receiving;
  const silence = setTimeout(() => body.destroy(), silenceMs);
  let [taken, position, gathered] = [0, from, [] as Buffer[]];
  let gatheredBytes = 0;
  let writing: Promise<boolean> = Promise.resolve(true);
  const writeBack = openWriteBack(file);
  /** Begins to write what was gathered once the batch before is written; false where it may not. */
  const flush = async (): Promise<boolean> => {
    if (!(await writing)) return false;
    const batch = gathered;
    const at = position;
    position += gatheredBytes;
    [gathered, gatheredBytes] = [[], 0];
    if (!mayWrite()) return false;
    writing = writeAll(file, batch, at).then(() => free(batch));
    writeBack.wrote(position - at);
    // Whoever waits for the next batch learns of it.
    writing.catch(() => {});
    return true;
  };

  let end: Received["end"] = "complete";
  try {
    for await (const chunk of chunksOf(body)) {
      silence.refresh();
      taken += chunk.length;
      if (taken > bytesMax) {
        end = "tooLong";
        break;
      }
      hash?.update(chunk);
      gathered.push(chunk);
      gatheredBytes += chunk.length;
      if (gatheredBytes >= batchBytes && !(await flush())) return { end: "superseded", bytes: 0 };
    }
  } catch (thrown) {
    if (!(thrown instanceof BodyCut)) throw thrown;
    end = "cut";
  } finally {
    clearTimeout(silence);
    // The file must not be closed, or given back, under a write.
    await writing.catch(() => {});
    await writeBack.over();
  }
  const isWhole = (await flush()) && (await writing);
  await writeBack.over();
  return isWhole ? { end, bytes: position - from } : { end: "superseded", bytes: 0 };
}

/** One at a time in this process: each keeps one of Node's four threads for files busy, and the others are needed. */
let isWritingBack = false;

function openWriteBack(file: FileHandle) {
  let bytes = 0;
  let running: Promise<void> = Promise.resolve();
  const failures: unknown[] = [];
  return {
    wrote(more: number): void {
      bytes += more;
      if (bytes < writeBackBytes || isWritingBack) return;
      bytes = 0;
      isWritingBack = true;
      running = file
        .datasync()
        .catch((thrown: unknown) => void failures.push(thrown))
        .finally(() => (isWritingBack = false));
    },
    /** Throws what the disk said: it says so once, and would call the file safe when it is asked again. */
    async over(): Promise<void> {
      await running;
      if (failures.length > 0) throw failures[0];
    },
  };
}

class BodyCut extends Error {}

/** Leaves the request as it is when it is left, so that it can still be answered. */
async function* chunksOf(body: Readable): AsyncGenerator<Buffer> {
  try {
    yield* body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  } catch (thrown) {
    throw new BodyCut("the request ended before its body did", { cause: thrown });
  }
}

/**
 * Memory of a chunk goes back now, not with the next collection of garbage: chunks lie outside of V8's heap, and for every 32 MB of
 * them it would look through all of that. Without this, a GiB cost 30 such collections and took 1.7 times as long.
 */
function free(batch: readonly Buffer[]): true {
  // A chunk that shares its memory with others is left alone.
  for (const { buffer, length } of batch) if (buffer instanceof ArrayBuffer && buffer.byteLength === length) buffer.transfer(0);
  return true;
}

/** A disk that is nearly full takes a part of it, and says so only when asked again. */
async function writeAll(file: FileHandle, batch: readonly Buffer[], position: number): Promise<void> {
  if (batch.length === 0) return;
  const wanted = batch.reduce((bytes, { length }) => bytes + length, 0);
  let { bytesWritten } = await file.writev(batch, position);
  if (bytesWritten === wanted) return;
  const whole = Buffer.concat(batch);
  while (bytesWritten < wanted) {
    const again = await file.write(whole, bytesWritten, wanted - bytesWritten, position + bytesWritten);
    bytesWritten += again.bytesWritten;
  }
}
