/** GET and HEAD: a file, whole or a part of it; a directory as a page of its list, or as an archive. */
import { once } from "node:events";
import type { FileHandle } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { GraphQLError } from "graphql";
import type { Ports } from "../../schema/context.ts";
import { fileCursor } from "../../schema/file.ts";
import { readPage } from "../../schema/page.ts";
import { archiveFormats, sendArchive } from "../folders/archive.ts";
import { codeOf } from "../folders/errors.ts";
import { etagOf } from "../folders/etag.ts";
import { fileOrders, type ListedFile } from "../folders/list.ts";
import { bytesOf, openToRead, type ToRead } from "../folders/read-file.ts";
import { done, type Outcome } from "../model/problem.ts";
import type { FolderRow } from "../store/folders.ts";
import { answerJson, answerRefused } from "./answer.ts";
import { attachment, httpDate, preconditionOf, rangeOf, safety } from "./file-headers.ts";
import type { FileTarget } from "./file-target.ts";

type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse };

/** @returns a refusal to be answered; everything else has been. */
export function answerRead(folders: Ports["folders"], folder: FolderRow, target: FileTarget, exchange: Exchange): Promise<Outcome<null>> {
  return folders.within(folder.id, async ({ root }) => {
    await using opened = new AsyncDisposableStack();
    const found = await openToRead(root, target.path, opened);
    if (!found.ok) return found;
    if (found.value.kind === "file") await sendFile(found.value, target.path.split("/").at(-1) ?? "", exchange);
    else if (target.query.has("archive")) await sendDirectory(found.value, folder, target, exchange);
    else await sendPage(folders, folder, target, exchange.response);
    return done(null);
  });
}

async function sendFile({ handle, stats }: Extract<ToRead, { kind: "file" }>, name: string, { request, response }: Exchange): Promise<void> {
  const size = Number(stats.size);
  const version = { etag: `"${etagOf(stats)}"`, modifiedMs: Number(stats.mtimeMs) };
  const headers = { ...safety, etag: version.etag, "last-modified": httpDate(version.modifiedMs), "accept-ranges": "bytes" };
  const precondition = preconditionOf(request.headers, version);
  if (precondition === "failed") return answerRefused(response, { code: "PRECONDITION_FAILED", message: "The file has changed." }, headers);
  if (precondition === "not modified") return void response.writeHead(304, headers).end();
  // RFC 9110, 14.2: only GET knows ranges.
  const range = request.method === "HEAD" ? "all" : rangeOf(request.headers, size, version);
  if (range === "not satisfiable") {
    const refused = { code: "RANGE_NOT_SATISFIABLE", message: `The file has ${size} bytes.` } as const;
    return answerRefused(response, refused, { ...headers, "content-range": `bytes */${size}` });
  }
  const { start, end } = range === "all" ? { start: 0, end: size } : range;
  response.writeHead(range === "all" ? 200 : 206, {
    ...headers,
    "content-type": "application/octet-stream",
    "content-disposition": attachment(name),
    "content-length": end - start,
    ...(range === "all" ? {} : { "content-range": `bytes ${start}-${end - 1}/${size}` }),
  });
  if (request.method === "HEAD") return void response.end();
  await sendBytes(handle, start, end, response);
}

/** As fast as they are taken. One that became shorter ends with the connection: its length has been promised. */
async function sendBytes(handle: FileHandle, start: number, end: number, response: ServerResponse): Promise<void> {
  const leaving = new AbortController();
  response.once("close", () => leaving.abort());
  try {
    for await (const chunk of bytesOf(handle, start, end)) {
      if (response.destroyed) return;
      if (!response.write(chunk)) await once(response, "drain", { signal: leaving.signal });
    }
    response.end();
  } catch (thrown) {
    response.destroy();
    if (!leaving.signal.aborted) throw thrown;
  }
}

async function sendDirectory(
  { place }: Extract<ToRead, { kind: "directory" }>,
  folder: FolderRow,
  target: FileTarget,
  exchange: Exchange,
): Promise<void> {
  const { request, response } = exchange;
  const format = archiveFormats.find((one) => one === target.query.get("archive"));
  if (format === undefined) {
    return answerRefused(response, { code: "BAD_REQUEST", message: `archive must be ${archiveFormats.join(" or ")}.` });
  }
  const name = target.path === "" ? folder.name : (target.path.split("/").at(-1) ?? "").toWellFormed();
  response.writeHead(200, {
    ...safety,
    "content-type": `application/${format === "tar" ? "x-tar" : "zip"}`,
    "content-disposition": attachment(`${name}.${format}`),
  });
  if (request.method === "HEAD") return void response.end();
  await sendArchive(place, name, format, response).catch((thrown: unknown) => {
    response.destroy();
    // The reader has gone; what the disk says is for the operator.
    if (codeOf(thrown)?.startsWith("ERR_STREAM_") !== true) throw thrown;
  });
}

async function sendPage(folders: Ports["folders"], folder: FolderRow, { path, query }: FileTarget, response: ServerResponse): Promise<void> {
  const refuse = (message: string): void => answerRefused(response, { code: "BAD_REQUEST", message });
  const order = fileOrders.find((one) => one === (query.get("order") ?? "NAME_ASC"));
  if (order === undefined) return refuse(`order must be one of ${fileOrders.join(", ")}.`);
  const first = query.get("first");
  if (first !== null && !/^\d{1,6}$/.test(first)) return refuse("first must be a number.");
  const listing = { path, order, nameContains: query.get("nameContains") };
  let totalCount = 0;
  try {
    const page = await readPage(
      { first: first === null ? null : Number(first), after: query.get("after") },
      fileCursor(order),
      (file: ListedFile) => file.key,
      async (window) => {
        const read = await folders.list(folder.id, listing, window);
        if (!read.ok) throw new GraphQLError(read.refusal.message);
        totalCount = read.value.totalCount;
        return read.value.files;
      },
    );
    const files = page.edges.map(({ node: { key: _key, ...file } }) => file);
    const { hasNextPage, endCursor } = page.pageInfo;
    answerJson(response, 200, { path, order, totalCount, files, pageInfo: { hasNextPage, endCursor } }, { ...safety, "cache-control": "no-store" });
  } catch (thrown) {
    if (thrown instanceof GraphQLError) return refuse(thrown.message);
    throw thrown;
  }
}
