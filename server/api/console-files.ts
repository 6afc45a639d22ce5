/**
 * The console's built files. Names under assets/ hold a hash of their content and are kept for ever; index.html is asked for each time,
 * and answers every path that a browser opens, because the console routes by itself.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
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
const policy =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const safety = {
  "content-security-policy": policy,
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
};

export function createConsoleFiles(directory: string) {
  const read = (path: string): Promise<Buffer | null> => readFile(join(directory, path)).catch(() => null);

  return async (request: IncomingMessage, response: ServerResponse, pathname: string): Promise<void> => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      return answerRefused(response, { code: "NOT_FOUND", message: "There is nothing here." });
    }
    const path = safePath(pathname);
    const type = types[extname(path)];
    const file = type === undefined ? null : await read(path);
    if (file !== null && type !== undefined) {
      const caching = path.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache";
      return send(response, 200, file, type, caching);
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

function send(response: ServerResponse, status: number, body: Buffer, type: string, caching: string): void {
  response.writeHead(status, { ...safety, "content-type": type, "content-length": body.length, "cache-control": caching });
  response.end(response.req.method === "HEAD" ? undefined : body);
}
