/**
 * `/files/<folder>/<path>`: the files of folders over HTTP, for scripts, `curl` and the console's downloads.
 *
 *   GET, HEAD  a file, or a range of it; a directory: a page of its list (JSON), or all of it with `?archive=tar` or `zip`
 *   PUT        a file of any size, complete or not at all; If-Match, If-None-Match: *
 *   DELETE     a file, or a directory with everything in it
 *   MKCOL      a directory · MOVE  to the path of the Destination header, within the folder; Overwrite: F
 *
 * file-target.ts what the URL names · file-headers.ts what the headers say · file-read.ts · file-write.ts
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Ports } from "../../schema/context.ts";
import { AppError } from "../failure.ts";
import { noteDefinition } from "../folders/definition-watch.ts";
import { diskIsFull } from "../folders/errors.ts";
import { isOverQuota } from "../folders/quota.ts";
import type { Outcome, Refusal } from "../model/problem.ts";
import { findFolder } from "../store/folders.ts";
import type { Viewer } from "../store/users.ts";
import { answerRefused, type Refused } from "./answer.ts";
import { cutStalled } from "./cut-stalled.ts";
import { discardRest } from "./discard-rest.ts";
import { mayOverwrite } from "./file-headers.ts";
import { answerRead } from "./file-read.ts";
import { targetOf } from "./file-target.ts";
import { createPlaces } from "./places.ts";
import { answerDelete, answerMakeDirectory, answerMove, answerPut, type AnswerWrite } from "./file-write.ts";

export { filesPath } from "./file-target.ts";

const writes: Readonly<Record<string, AnswerWrite>> = { PUT: answerPut, DELETE: answerDelete, MKCOL: answerMakeDirectory, MOVE: answerMove };
const notCounted: Disposable = { [Symbol.dispose]: () => {} };
const allow = { allow: "GET, HEAD, PUT, DELETE, MKCOL, MOVE" };

/** Requests of one user at the same time, to one process: each file that comes holds about 1 MiB, an archive as many directories as it is deep. */
const sendingMax = 32;
const archivesMax = 8;

export function createFiles({ database, folders, log }: Pick<Ports, "database" | "folders" | "log">) {
  const sending = createPlaces(sendingMax);
  const archives = createPlaces(archivesMax);
  return async ({ project, user }: Viewer, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "" } = request;
    const isRead = method === "GET" || method === "HEAD";
    const write = Object.hasOwn(writes, method) ? writes[method] : undefined;
    if (!isRead && write === undefined) {
      return refuse(request, response, { code: "METHOD_NOT_ALLOWED", message: `Files know ${allow.allow}.` }, allow);
    }
    const target = targetOf(request.url ?? "");
    const folder = target === null ? null : await findFolder(database, project.id, target.folderId);
    if (target === null || folder === null) return refuse(request, response, { code: "NOT_FOUND", message: "There is no such folder or file." });
    if (!isRead && target.path === "") {
      return refuse(
        request,
        response,
        { code: "METHOD_NOT_ALLOWED", message: "This is the folder itself: name something in it." },
        { allow: "GET, HEAD" },
      );
    }
    const isArchive = method === "GET" && target.query.has("archive");
    using place = method === "PUT" ? sending.take(user.id) : isArchive ? archives.take(user.id) : notCounted;
    if (place === null) {
      const message = isArchive ? `You are loading ${archivesMax} archives at once` : `You are sending ${sendingMax} files at once`;
      return refuse(request, response, { code: "TOO_MANY_AT_ONCE", message: `${message}: wait until one is done.` });
    }
    if (isRead) cutStalled(response);
    try {
      if (write === undefined) return answerRefusal(await answerRead(folders, folder, target, { request, response }));
      const written = await write(folders, folder, target, { request, response });
      answerRefusal(written);
      if (written.ok) await noteDefinition({ database, folders, log }, folder.id, written.value);
    } catch (thrown) {
      if (!(thrown instanceof AppError) || thrown.code !== "FOLDER_UNAVAILABLE") throw thrown;
      log.warn({ reason: thrown.message, folder: folder.id }, "a file could not be read or written");
      refuse(request, response, { code: thrown.publicMessage === diskIsFull ? "DISK_FULL" : "UNAVAILABLE", message: thrown.publicMessage });
    }

    function answerRefusal(outcome: Outcome<unknown>): void {
      if (!outcome.ok) refuse(request, response, refusedBy(outcome.refusal, request));
    }
  };
}

/** Whoever was refused may still be sending. */
function refuse(request: IncomingMessage, response: ServerResponse, refused: Refused, headers: Record<string, string> = {}): void {
  // What has begun as something else can only be broken off.
  if (response.headersSent && !response.writableEnded) response.destroy();
  answerRefused(response, refused, headers);
  discardRest(request);
}

function refusedBy(refusal: Refusal, { method, headers }: IncomingMessage): Refused {
  const { message } = refusal;
  switch (refusal.kind) {
    case "notFound":
      return { code: headers["if-match"] === undefined ? "NOT_FOUND" : "PRECONDITION_FAILED", message };
    case "conflict": {
      const isConditional =
        headers["if-match"] !== undefined || headers["if-none-match"] !== undefined || (method === "MOVE" && !mayOverwrite(headers));
      return { code: isConditional ? "PRECONDITION_FAILED" : "CONFLICT", message };
    }
    case "validation":
      return { code: isOverQuota(refusal) ? "OVER_QUOTA" : "BAD_REQUEST", message };
  }
}
