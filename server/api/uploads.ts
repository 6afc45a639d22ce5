/**
 * `/uploads`: files of any size, by the tus protocol (https://tus.io/protocols/resumable-upload), that go on where they broke off.
 *
 *   POST   /uploads       Upload-Length, Upload-Metadata: folderId, path, overwrite ("true"), sha256 (hex of the whole file)
 *   HEAD   /uploads/<id>  how far it has come · PATCH  goes on there · DELETE  gives it up
 *
 * Only the creator's project sees an upload. Whose request it is was settled before (context.ts): a method override, an Origin or a
 * forwarded host mean nothing here, and no answer invites other sites (CORS). Every refusal is JSON, as everywhere in the API.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Ports } from "../../schema/context.ts";
import { AppError } from "../failure.ts";
import { checksumAlgorithms, readChecksum } from "../folders/uploads/checksum.ts";
import type { UploadRefusal, UploadRefusalKind } from "../folders/uploads/refusal.ts";
import { openUploads } from "../folders/uploads/uploads.ts";
import { asId, type UploadId } from "../model/ids.ts";
import type { Viewer } from "../store/users.ts";
import { answerJson, answerRefused } from "./answer.ts";
import { createPlaces } from "./places.ts";
import { createExchange, placeholderId } from "./upload-store.ts";

export const uploadsPath = "/uploads";

/** Requests of one user at the same time, to one process. Those that send bytes hold about 1 MiB each; the others may wait for a lock. */
const sendingMax = 32;
const askingMax = 64;

const answers: Record<UploadRefusalKind, { readonly status: number; readonly code: string }> = {
  invalid: { status: 400, code: "BAD_REQUEST" },
  missing: { status: 404, code: "NOT_FOUND" },
  gone: { status: 410, code: "GONE" },
  exists: { status: 409, code: "CONFLICT" },
  busy: { status: 423, code: "LOCKED" },
  mismatch: { status: 460, code: "CHECKSUM_MISMATCH" },
  tooLong: { status: 413, code: "BODY_TOO_LARGE" },
  overQuota: { status: 413, code: "OVER_QUOTA" },
  diskFull: { status: 507, code: "DISK_FULL" },
  tooMany: { status: 429, code: "TOO_MANY_UPLOADS" },
};
/** What the library refuses by itself, by its status. */
const codes: Readonly<Record<number, string>> = { 404: "NOT_FOUND", 409: "OFFSET_CONFLICT", 412: "WRONG_TUS_VERSION", 413: "BODY_TOO_LARGE" };

const tusVersion = { "tus-resumable": "1.0.0" };
const understood = ["tus-resumable", "upload-offset", "upload-length", "upload-defer-length", "upload-metadata", "content-type", "content-length"];
const answered = /^(?:location|tus-.*|upload-.*)$/;

export type UploadsApi = AsyncDisposable & {
  answer(viewer: Viewer, request: IncomingMessage, response: ServerResponse): Promise<void>;
};

export function openUploadsApi({ database, folders, log }: Pick<Ports, "database" | "folders" | "log">): UploadsApi {
  const uploads = openUploads({ database, folders, log });
  const underWay = new Set<Promise<void>>();
  const sending = createPlaces(sendingMax);
  const asking = createPlaces(askingMax);

  async function speak(viewer: Viewer, id: UploadId | null, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const checksum = readChecksum(request.headersDistinct["upload-checksum"]?.join(","));
    if (!checksum.ok) return answerRefusal(response, checksum.refusal);
    if (request.headers["upload-defer-length"] !== undefined) {
      return answerRefusal(response, {
        kind: "invalid",
        message: "The length must be known at the beginning (Upload-Length): it cannot be deferred.",
      });
    }
    // Loaded by the first upload: most processes never see one, and it takes 17 MB.
    const tus = await import("@tus/server");
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const sender = { projectId: viewer.project.id, userId: viewer.user.id };
    const exchange = createExchange(tus, uploads, { sender, id, body: request, checksum: checksum.value, signal: gone.signal });
    let failure: unknown = null;
    const server = new tus.Server({
      path: uploadsPath,
      relativeLocation: true,
      respectForwardedHeaders: false,
      datastore: exchange.dataStore,
      locker: exchange.locker,
      namingFunction: placeholderId,
      onResponseError: (_request, error) => {
        if (!("status_code" in error)) failure = error;
        return undefined;
      },
    });
    const answer = await server.handleWeb(withoutBody(request, id));
    const refusal = exchange.refusal();
    if (refusal !== null) return answerRefusal(response, refusal);
    if (failure !== null) throw failure;
    return answerAs(response, answer, request.method === "OPTIONS");
  }

  async function respond(viewer: Viewer, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const name = (request.url ?? "").split("?", 1)[0]?.slice(uploadsPath.length + 1) ?? "";
    const methods = name === "" ? ["POST", "OPTIONS"] : ["HEAD", "PATCH", "DELETE", "OPTIONS"];
    const method = request.method ?? "";
    if (!methods.includes(method)) {
      const message = `Here only ${methods.join(", ")} are understood.`;
      return answerRefused(response, { code: "METHOD_NOT_ALLOWED", message }, { ...tusVersion, allow: methods.join(", ") });
    }
    const id = asId("upload", name);
    if (name !== "" && id === null) return answerRefusal(response, { kind: "missing", message: "There is no such upload." });
    const isSending = method === "PATCH" || method === "POST";
    using place = (isSending ? sending : asking).take(viewer.user.id);
    if (place !== null) return await speak(viewer, id, request, response);
    const message = isSending ? `You are sending ${sendingMax} uploads at once` : `You are asking for ${askingMax} uploads at once`;
    return answerRefusal(response, { kind: "tooMany", message: `${message}: wait until one is done.` });
  }

  return {
    async answer(viewer, request, response) {
      const answering = respond(viewer, request, response).catch((thrown: unknown) => {
        if (!(thrown instanceof AppError) || thrown.code !== "FOLDER_UNAVAILABLE") throw thrown;
        log.error({ reason: thrown.message }, "an upload could not reach its folder");
        answerRefused(response, { code: "UNAVAILABLE", message: thrown.publicMessage }, tusVersion);
      });
      underWay.add(answering);
      try {
        await answering;
      } finally {
        underWay.delete(answering);
      }
    },
    async [Symbol.asyncDispose]() {
      // Each gives its lock back, so that another process can go on at once.
      await Promise.allSettled(underWay);
      await uploads[Symbol.asyncDispose]();
    },
  };
}

/** Only what the protocol needs: nothing else in a request should have a say. */
function withoutBody(request: IncomingMessage, id: UploadId | null): Request {
  const headers = understood.flatMap((name) =>
    request.headers[name] === undefined ? [] : [[name, String(request.headers[name])] as [string, string]],
  );
  return new Request(`http://serai${uploadsPath}${id === null ? "" : `/${id}`}`, { method: request.method ?? "", headers });
}

async function answerAs(response: ServerResponse, answer: Response, isQuestion: boolean): Promise<void> {
  const headers = Object.fromEntries([...answer.headers].filter(([name]) => answered.test(name)));
  if (answer.status >= 400) {
    const message = (await answer.text()).trim();
    const code = codes[answer.status] ?? "BAD_REQUEST";
    return answerJson(response, answer.status, { message, code, errors: [{ message, extensions: { code } }] }, headers);
  }
  if (response.destroyed) return;
  const checksums = isQuestion ? { "tus-checksum-algorithm": checksumAlgorithms.join(",") } : {};
  const length = answer.status === 204 ? {} : { "content-length": "0" };
  response.writeHead(answer.status, { ...headers, ...checksums, ...length, "cache-control": "no-store", "x-content-type-options": "nosniff" });
  response.end();
}

function answerRefusal(response: ServerResponse, { kind, message }: UploadRefusal): void {
  const { status, code } = answers[kind];
  answerJson(response, status, { message, code, errors: [{ message, extensions: { code } }] }, tusVersion);
}
