/** PUT, DELETE, MKCOL and MOVE (the words of RFC 9110 and of WebDAV, RFC 4918) on one path of a folder. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Ports } from "../../schema/context.ts";
import type { FileEntry } from "../folders/entry.ts";
import { splitPath } from "../folders/path.ts";
import { receiveFileIn } from "../folders/receive-file.ts";
import { conflict, done, invalid, type Outcome } from "../model/problem.ts";
import type { FolderRow } from "../store/folders.ts";
import { answerJson, answerRefused } from "./answer.ts";
import { expectedBy, mayOverwrite, safety } from "./file-headers.ts";
import { targetOf, type FileTarget } from "./file-target.ts";

type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse };
/** @returns a refusal to be answered, or the paths that were changed; everything else has been answered. */
export type AnswerWrite = (
  folders: Ports["folders"],
  folder: FolderRow,
  target: FileTarget,
  exchange: Exchange,
) => Promise<Outcome<readonly string[]>>;

const nothingChanged = done([]);
const unclearWriter = invalid([
  { path: "headers", message: "must ask for one of: If-Match with ETags, If-None-Match: *, neither; no date and no Content-Range" },
]);

export const answerPut: AnswerWrite = async (folders, folder, { path }, { request, response }) => {
  const expected = expectedBy(request.headers);
  if (expected === null || request.headers["content-range"] !== undefined) return unclearWriter;
  const parts = splitPath(path);
  if (!parts.ok) return parts;
  await folders.create(folder.id);
  return folders.within(folder.id, async (target) => {
    const was = await folders.entry(folder.id, path);
    const before = was?.size ?? 0;
    const length = request.headers["content-length"] === undefined ? null : Number(request.headers["content-length"]);
    using taken = new DisposableStack();
    const take = async (bytes: number): Promise<Outcome<null>> => {
      const room = await folders.reserve(folder.id, bytes - before);
      if (!room.ok) return room;
      taken.use(room.value);
      return done(null);
    };
    const fits = length === null ? done(null) : await take(length);
    if (!fits.ok) return fits;
    const bytesMax = length ?? before + ((await folders.room(folder.id)) ?? Number.MAX_SAFE_INTEGER - before);
    const received = await receiveFileIn(target, path, request, expected, bytesMax, length === null ? take : async () => done(null));
    if (!received.ok) return received;
    switch (received.value.end) {
      case "cut":
        response.destroy();
        return nothingChanged;
      case "tooLong": {
        const full = await folders.roomFor(folder.id, bytesMax - before + 1);
        return full.ok ? conflict("The quota of the folder changed meanwhile: try again.") : full;
      }
      case "complete":
        folders.changedBy(folder.id, received.value.bytes - before);
        answerWritten(response, received.value.file, was === null);
        return done([path]);
    }
  });
};

function answerWritten(response: ServerResponse, file: FileEntry, isNew: boolean): void {
  const headers = { ...safety, etag: `"${file.etag ?? ""}"` };
  if (isNew) answerJson(response, 201, { path: file.path, size: file.size, etag: file.etag }, headers);
  else response.writeHead(204, headers).end();
}

/** A directory with everything in it, as in GraphQL. */
export const answerDelete: AnswerWrite = async (folders, folder, { path }, { request, response }) => {
  const expected = expectedBy(request.headers);
  // A condition that nobody can act on must not become none at all.
  if (expected === null || expected.kind === "nothing") return unclearWriter;
  const isKnown = expected.kind === "etags";
  const deleted = isKnown ? await folders.deleteKnownFile(folder.id, path, expected.etags) : await folders.deleteFiles(folder.id, [path]);
  if (!deleted.ok) return deleted;
  response.writeHead(204, safety).end();
  return done([path]);
};

export const answerMakeDirectory: AnswerWrite = async (folders, folder, { path }, { request, response }) => {
  if (hasBody(request)) {
    answerRefused(response, { code: "UNSUPPORTED_MEDIA_TYPE", message: "MKCOL takes no body." });
    return nothingChanged;
  }
  const made = await folders.createDirectory(folder.id, path);
  if (!made.ok) return made;
  answerJson(response, 201, { path: made.value.path }, safety);
  return done([path]);
};

const hasBody = ({ headers }: IncomingMessage): boolean => headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;

/** RFC 4918, 10.6: it overwrites unless `Overwrite: F` says otherwise. */
export const answerMove: AnswerWrite = async (folders, folder, { path }, { request, response }) => {
  const destination = destinationOf(request);
  if (destination === null || destination.folderId !== folder.id) {
    return invalid([{ path: "Destination", message: "must be a URL of a path in the same folder" }]);
  }
  if (expectedBy(request.headers)?.kind !== "anything")
    return invalid([{ path: "headers", message: "MOVE knows Overwrite, and no other condition" }]);
  const overwrite = mayOverwrite(request.headers);
  const was = await folders.entry(folder.id, destination.path);
  const moved = await folders.move(folder.id, { from: path, to: destination.path, overwrite });
  if (!moved.ok) return moved;
  if (was === null) answerJson(response, 201, { path: moved.value.path }, safety);
  else response.writeHead(204, safety).end();
  return done([path, destination.path]);
};

function destinationOf({ headers }: IncomingMessage): FileTarget | null {
  const given = headers["destination"];
  if (typeof given !== "string") return null;
  const [, host, rest = given] = /^https?:\/\/([^/]+)(\/.*)$/s.exec(given) ?? [];
  return host === undefined || host === headers.host ? targetOf(rest) : null;
}
