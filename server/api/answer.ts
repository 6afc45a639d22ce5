/** What the API answers outside of GraphQL's own results: one shape, readable by GraphQL clients (`errors`) and by people (`message`). */
import type { ServerResponse } from "node:http";

export type RefusalCode =
  | "BAD_REQUEST"
  | "UNAUTHENTICATED"
  | "FORBIDDEN"
  | "NOT_FOUND"
  | "METHOD_NOT_ALLOWED"
  | "CONFLICT"
  | "LOG_NOT_KEPT"
  | "PRECONDITION_FAILED"
  | "BODY_TOO_LARGE"
  | "UNSUPPORTED_MEDIA_TYPE"
  | "RANGE_NOT_SATISFIABLE"
  | "TOO_MANY_ATTEMPTS"
  | "TOO_MANY_AT_ONCE"
  | "INTERNAL"
  | "UNAVAILABLE"
  | "OVER_QUOTA"
  | "DISK_FULL";

const statuses: Record<RefusalCode, number> = {
  BAD_REQUEST: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  CONFLICT: 409,
  LOG_NOT_KEPT: 410,
  PRECONDITION_FAILED: 412,
  BODY_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  RANGE_NOT_SATISFIABLE: 416,
  TOO_MANY_ATTEMPTS: 429,
  TOO_MANY_AT_ONCE: 429,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  OVER_QUOTA: 507,
  DISK_FULL: 507,
};

export type Refused = { readonly code: RefusalCode; readonly message: string };

export const statusOf = ({ code }: Refused): number => statuses[code];

export const refusalBody = ({ code, message }: Refused) => ({ message, code, errors: [{ message, extensions: { code } }] });

export function answerRefused(response: ServerResponse, refused: Refused, headers: Record<string, string> = {}): void {
  const challenge = refused.code === "UNAUTHENTICATED" ? { "www-authenticate": 'Bearer realm="serai"' } : {};
  answerJson(response, statusOf(refused), refusalBody(refused), { ...challenge, ...headers });
}

export function answerJson(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  if (response.headersSent || response.destroyed) return;
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...headers,
  });
  response.end(response.req.method === "HEAD" ? undefined : text);
}
