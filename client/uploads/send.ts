/**
 * Sends one file by the tus protocol, and says how it ended. The library is loaded with the first upload. It does not try again
 * by itself: when and how often is the queue's business, which also shows it.
 *
 * In pieces of 64 MiB, because some proxies limit or hold back larger requests; what arrived of a piece that was cut off counts.
 */
import type { DetailedError } from "tus-js-client";
import { loadPart } from "../parts/load-part.ts";

export type Ending =
  | { readonly kind: "done" }
  /** There is a file already, which this upload may not replace. */
  | { readonly kind: "exists" }
  /** Nothing is wrong with the file: the connection, or the server for a moment. */
  | { readonly kind: "lost"; readonly message: string }
  /** What the server had of it is gone: it begins anew. */
  | { readonly kind: "forgotten" }
  | { readonly kind: "signed out" }
  | { readonly kind: "refused"; readonly message: string };

export type Sending = {
  readonly folderId: string;
  readonly path: string;
  readonly file: File;
  readonly overwrite: boolean;
  /** To go on with; null: a new one. */
  readonly uploadId: string | null;
  readonly onUploadId: (id: string) => void;
  /** Bytes that have gone, of the whole file. */
  readonly onProgress: (bytes: number) => void;
  readonly onEnd: (ending: Ending) => void;
};

const pieceBytes = 64 * 1024 * 1024;
/** Up to here it is all in the request that creates the upload: one question a file, where there are thousands. */
const smallBytes = 1024 * 1024;
/** A connection that is silent for so long is dead, whatever the browser believes. */
const silenceMs = 60_000;

/** Stopping keeps what has arrived. Afterwards nothing is told any more. */
export async function send(sending: Sending): Promise<{ readonly stop: () => void }> {
  const { folderId, path, file, overwrite, uploadId, onUploadId, onProgress, onEnd } = sending;
  const tus = await loadPart(() => import("tus-js-client"));
  let ended = false;
  let silence: ReturnType<typeof setTimeout> | undefined;
  const end = (ending: Ending): void => {
    if (ended) return;
    ended = true;
    clearTimeout(silence);
    onEnd(ending);
  };
  const heard = (): void => {
    clearTimeout(silence);
    silence = setTimeout(() => {
      void upload.abort();
      end({ kind: "lost", message: "The connection gave no sign for a minute." });
    }, silenceMs);
  };
  const upload = new tus.Upload(file, {
    // Not both: where the address of an upload is not answered for a moment, the library would begin a new one.
    endpoint: uploadId === null ? "/uploads" : null,
    uploadUrl: uploadId === null ? null : `/uploads/${uploadId}`,
    metadata: { folderId, path, ...(overwrite && { overwrite: "true" }) },
    chunkSize: pieceBytes,
    uploadDataDuringCreation: file.size <= smallBytes,
    storeFingerprintForResuming: false,
    retryDelays: null,
    onUploadUrlAvailable: () => {
      const id = upload.url?.split("/").at(-1);
      if (id !== undefined) onUploadId(id);
    },
    onProgress: (bytes) => {
      if (ended) return;
      heard();
      onProgress(bytes);
    },
    onSuccess: () => end({ kind: "done" }),
    onError: (error) => end(endingOf(error as DetailedError)),
  });
  heard();
  upload.start();
  return {
    stop: () => {
      ended = true;
      clearTimeout(silence);
      void upload.abort();
    },
  };
}

function endingOf({ originalRequest, originalResponse, message }: DetailedError): Ending {
  if (!originalResponse) return { kind: "lost", message: "Serai cannot be reached." };
  if (originalResponse.getStatus() === 404 && originalRequest.getMethod() !== "POST") return { kind: "forgotten" };
  return endingOfAnswer(originalResponse.getStatus(), originalResponse.getBody(), message);
}

/** What an answer means that was no success. `otherwise`: for where the answer has no words. */
function endingOfAnswer(status: number, body: string, otherwise: string): Ending {
  const { message, code } = wordsIn(body) ?? { message: otherwise, code: "" };
  if (status === 401) return { kind: "signed out" };
  if (status === 410) return { kind: "forgotten" };
  if (status === 409 && code === "CONFLICT") return { kind: "exists" };
  // Somebody else holds the upload for a moment, or it is further than was believed: asking anew settles it.
  if (status === 409 || status === 423 || status === 429) return { kind: "lost", message };
  if (status >= 500 && status !== 507) return { kind: "lost", message: code === "" ? `Serai answered ${status}.` : message };
  return { kind: "refused", message };
}

function wordsIn(body: string): { readonly message: string; readonly code: string } | null {
  try {
    const { message, code } = JSON.parse(body) as { message?: unknown; code?: unknown };
    return typeof message === "string" ? { message, code: typeof code === "string" ? code : "" } : null;
  } catch {
    return null;
  }
}

/** An empty directory, with those above it. Where something of its name is there already (409), there was nothing in it to lose. */
export async function makeDirectory(folderId: string, path: string): Promise<Ending> {
  try {
    const address = path.split("/").map(encodeURIComponent).join("/");
    const response = await fetch(`/files/${folderId}/${address}`, { method: "MKCOL" });
    if (response.ok || response.status === 409) return { kind: "done" };
    return endingOfAnswer(response.status, await response.text(), `Serai answered ${response.status}.`);
  } catch {
    return { kind: "lost", message: "Serai cannot be reached." };
  }
}

/** Gives up what has arrived of an upload. @returns in words why it could not; null when it did. */
export async function discard(uploadId: string): Promise<string | null> {
  try {
    const response = await fetch(`/uploads/${uploadId}`, { method: "DELETE", headers: { "tus-resumable": "1.0.0" } });
    if (response.ok || response.status === 404 || response.status === 410) return null;
    return wordsIn(await response.text())?.message ?? `Serai answered ${response.status}.`;
  } catch {
    return "Serai cannot be reached right now. Try again in a moment.";
  }
}
