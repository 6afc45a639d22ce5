/** Clients that upload by the tus protocol. */
import { request } from "node:http";
import { Upload, type UploadOptions } from "tus-js-client";
import { adminToken } from "./api.ts";

export type Metadata = Readonly<Record<string, string>>;

export const headers = (more: Readonly<Record<string, string>> = {}, token = adminToken): Record<string, string> => ({
  "tus-resumable": "1.0.0",
  authorization: `Bearer ${token}`,
  ...more,
});

const encoded = (metadata: Metadata): string =>
  Object.entries(metadata)
    .map(([key, value]) => `${key} ${Buffer.from(value).toString("base64")}`)
    .join(",");

export type Answered = {
  readonly status: number;
  readonly location: string;
  readonly message: string;
  readonly code: string;
  readonly headers: Headers;
};

export async function answerOf(asked: Promise<Response>): Promise<Answered> {
  const response = await asked;
  const text = await response.text();
  const { message = "", code = "" } = text === "" ? {} : (JSON.parse(text) as { message?: string; code?: string });
  return { status: response.status, location: response.headers.get("location") ?? "", message, code, headers: response.headers };
}

/** POST: begins one. */
export const createUpload = (url: string, size: number, metadata: Metadata, more: Readonly<Record<string, string>> = {}): Promise<Answered> =>
  answerOf(
    fetch(`${url}/uploads`, { method: "POST", headers: headers({ "upload-length": String(size), "upload-metadata": encoded(metadata), ...more }) }),
  );

/** PATCH: sends bytes. */
export const sendBytes = (url: string, offset: number, body: BodyInit, more: Readonly<Record<string, string>> = {}): Promise<Answered> =>
  answerOf(
    fetch(url, {
      method: "PATCH",
      headers: headers({ "upload-offset": String(offset), "content-type": "application/offset+octet-stream", ...more }),
      body,
      ...(body instanceof ReadableStream ? { duplex: "half" as const } : {}),
    }),
  );

/** HEAD: how far it has come; null where it is not there. */
export async function offsetOf(url: string, token = adminToken): Promise<number | null> {
  const response = await fetch(url, { method: "HEAD", headers: headers({}, token) });
  const offset = response.headers.get("upload-offset");
  return response.status === 200 && offset !== null ? Number(offset) : null;
}

export type TusUpload = { onProgress: (bytes: number) => void; done(): Promise<void>; readonly upload: Upload };

/** tus-js-client, as the console uses it. */
export function tus(url: string, content: Buffer, metadata: Metadata, options: Partial<UploadOptions> = {}): TusUpload {
  const finished = Promise.withResolvers<void>();
  const upload = new Upload(content, {
    endpoint: `${url}/uploads`,
    headers: { authorization: `Bearer ${adminToken}` },
    metadata: { ...metadata },
    retryDelays: [0, 100, 200, 400, 800, 1600, 3200, 6400],
    onSuccess: () => finished.resolve(),
    onError: (error) => finished.reject(error),
    onProgress: (bytes) => one.onProgress(bytes),
    ...options,
  });
  const one: TusUpload = {
    onProgress: () => {},
    upload,
    done() {
      upload.start();
      return finished.promise;
    },
  };
  return one;
}

export type OpenPatch = {
  send(bytes: Buffer): Promise<void>;
  /** The rest, and what is answered. */
  end(bytes?: Buffer): Promise<number>;
  reset(): void;
  /** Resolves when the connection is over, whoever ended it. */
  readonly over: Promise<void>;
};

/** A PATCH whose body comes bit by bit, as over a bad line. */
export function openPatch(url: string, offset: number, length: number, more: Readonly<Record<string, string>> = {}): OpenPatch {
  const sent = headers({
    "upload-offset": String(offset),
    "content-type": "application/offset+octet-stream",
    "content-length": String(length),
    ...more,
  });
  const asked = request(url, { method: "PATCH", headers: sent, agent: false });
  const status = new Promise<number>((resolve) => {
    asked.on("response", (response) => resolve(response.resume().statusCode ?? 0)).on("close", () => resolve(0));
  });
  const over = new Promise<void>((resolve) => void asked.on("close", () => resolve()));
  asked.on("error", () => {});
  return {
    send: (bytes) => new Promise((resolve) => asked.write(bytes, () => resolve())),
    end(bytes) {
      asked.end(bytes);
      return status;
    },
    reset: () => void asked.destroy(),
    over,
  };
}
