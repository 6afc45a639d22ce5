/** Requests for files as a program makes them: every header and byte as it is given, no URL tidied up on the way. */
import { readdir, readlink } from "node:fs/promises";
import { request as send, type IncomingHttpHeaders, type OutgoingHttpHeaders } from "node:http";
import { join } from "node:path";
import { adminToken, testApi, type Data } from "./api.ts";

export type FileAnswer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly json: () => Data;
};
export type Asking = { readonly headers?: OutgoingHttpHeaders; readonly body?: string | Buffer; readonly token?: string | null };

/** @param path raw, from the first `/` on. Rejects where the connection ends before the answer does. */
function askForFile(apiUrl: string, method: string, path: string, { headers = {}, body, token = adminToken }: Asking = {}): Promise<FileAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<FileAnswer>();
  const { hostname, port } = new URL(apiUrl);
  const authorization = token === null ? {} : { authorization: `Bearer ${token}` };
  const request = send({ host: hostname, port, method, path, headers: { ...authorization, ...headers }, agent: false });
  request.on("error", reject).on("response", (response) => {
    const chunks: Buffer[] = [];
    response.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", reject);
    response.on("end", () => {
      const whole = Buffer.concat(chunks);
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: whole,
        json: () => JSON.parse(whole.toString()) as Data,
      });
    });
  });
  request.end(body);
  return promise;
}

/** An API with one folder in it. */
export async function place(options: { quotaBytes?: number } = {}) {
  const api = await testApi();
  const created = await api.change("createFolder", { name: "models", usage: "MODEL", ...options }, "folder { id }");
  const id = created["folder"].id as string;
  return {
    api,
    id,
    path: join(api.foldersDirectory, id),
    ask: (method: string, path: string, asking?: Asking) => askForFile(api.url, method, `/files/${id}/${path}`, asking),
    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  };
}

/** What is open in this process, which is also the server's. */
export const openFiles = async (): Promise<readonly string[]> => {
  const targets = await Promise.all((await readdir("/proc/self/fd")).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "")));
  return targets;
};
