/**
 * The console's built files. Names under assets/ hold a hash of their content and are kept for ever; index.html is asked for each time,
 * and answers every path that a browser opens, because the console routes by itself.
 *
 * The policy lets pages call endpoints, for whoever tries a service out; everything else that they ask, they ask of this server.
 *
 * Text goes out compressed where the browser takes gzip, a quarter of its size. What is under assets/ is compressed once and kept: there
 * are a handful of them and they never change, except in a build that is renewed under a running server, so their number is bounded.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { promisify } from "node:util";
import { gzip as gzipWithCallback } from "node:zlib";
import { answerRefused } from "./answer.ts";

const types: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".woff2": "font/woff2",
};

/** Styles are set inline by the component library; scripts never are. */
const policyOf = (endpoints: string): string =>
  `default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self' ${endpoints}; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`;

/** Every address that the template can give, as policies write sets of them: with `*` for the port, or for the front of the host name. */
export function endpointSources(urlTemplate: string): string {
  const { protocol, hostname, port } = new URL(urlTemplate.replace("{port}", "").replace("{service}", "a-service"));
  if (urlTemplate.includes("{port}")) return `${protocol}//${hostname}:*`;
  const labels = hostname.split(".");
  const behind = labels.slice(labels.findIndex((label) => label.includes("a-service")) + 1);
  return `${protocol}//${["*", ...behind].join(".")}${port === "" ? "" : `:${port}`}`;
}

const safety = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
};

const gzip = promisify(gzipWithCallback);
const compressedBytesMin = 1024;
const keptMax = 50;

/** @param urlTemplate SERAI_ENDPOINT_URL. */
export function createConsoleFiles(directory: string, urlTemplate: string) {
  const policy = policyOf(endpointSources(urlTemplate));
  const kept = new Map<string, Promise<Buffer>>();
  const read = (path: string): Promise<Buffer | null> => readFile(join(directory, path)).catch(() => null);

  function compressed(path: string, file: Buffer): Promise<Buffer> {
    const before = kept.get(path);
    if (before !== undefined) return before;
    if (kept.size >= keptMax) kept.clear();
    const made = gzip(file, { level: 9 });
    kept.set(path, made);
    return made;
  }

  return async (request: IncomingMessage, response: ServerResponse, pathname: string): Promise<void> => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      return answerRefused(response, { code: "NOT_FOUND", message: "There is nothing here." });
    }
    response.setHeader("content-security-policy", policy);
    const path = safePath(pathname);
    const type = types[extname(path)];
    const file = type === undefined ? null : await read(path);
    if (file !== null && type !== undefined) {
      const caching = path.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache";
      const isCompressed = path.startsWith("/assets/") && isText(type) && file.length >= compressedBytesMin && takesGzip(request);
      return isCompressed ? send(response, 200, await compressed(path, file), type, caching, "gzip") : send(response, 200, file, type, caching);
    }
    const wantsPage = (request.headers.accept ?? "").includes("text/html") || pathname === "/";
    if (!wantsPage || path.startsWith("/assets/")) return answerRefused(response, { code: "NOT_FOUND", message: "There is nothing here." });
    const page = await read("/index.html");
    if (page !== null) return send(response, 200, page, types[".html"] ?? "", "no-cache");
    send(response, 503, Buffer.from("The console has not been built: npm start does it. The API is at /graphql.\n"), types[".txt"] ?? "", "no-store");
  };
}

/** What cannot be decoded or leads out of the directory is the front page's business. */
function safePath(pathname: string): string {
  try {
    const path = normalize(decodeURIComponent(pathname));
    return path.startsWith("/") && !path.includes("\0") ? path : "/";
  } catch {
    return "/";
  }
}

const isText = (type: string): boolean => type.includes("charset=") || type === types[".svg"];

/** RFC 9110, 12.5.3: named, and not with a weight of zero. */
const takesGzip = (request: IncomingMessage): boolean =>
  (request.headers["accept-encoding"] ?? "").split(",").some((coding) => /^\s*gzip\s*(?:;(?!\s*q\s*=\s*0(?:\.0*)?\s*$).*)?$/i.test(coding));

function send(response: ServerResponse, status: number, body: Buffer, type: string, caching: string, encoding?: "gzip"): void {
  response.writeHead(status, {
    ...safety,
    "content-type": type,
    "content-length": body.length,
    "cache-control": caching,
    vary: "Accept-Encoding",
    ...(encoding === undefined ? {} : { "content-encoding": encoding }),
  });
  response.end(response.req.method === "HEAD" ? undefined : body);
}
