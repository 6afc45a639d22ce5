/** A request as it is typed. Pure. */
import type { Models } from "./use-models.ts";

export const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

export const mayHaveBody = (method: string): boolean => method !== "GET" && method !== "HEAD";

export type RequestDraft = { readonly method: string; readonly path: string; readonly headers: string; readonly body: string };

/** One that works at once: a chat where it can be had, else what browsers ask for. */
export function firstRequest(models: Models): RequestDraft {
  if (models.kind !== "known") return { method: "GET", path: "/", headers: "Content-Type: application/json", body: "" };
  const body = { model: models.names[0], messages: [{ role: "user", content: "What can you do?" }], stream: true };
  return { method: "POST", path: "/v1/chat/completions", headers: "Content-Type: application/json", body: JSON.stringify(body, null, 2) };
}

type Headers = { readonly ok: true; readonly value: readonly (readonly [string, string])[] } | { readonly ok: false; readonly why: string };

/** `Name: value` on each line; empty lines are passed over. */
export function headersIn(text: string): Headers {
  const value: [string, string][] = [];
  for (const line of text.split("\n").filter((each) => each.trim() !== "")) {
    const [, name, content] = /^\s*([!#$%&'*+.^`|~\w-]+)\s*:(.*)$/.exec(line) ?? [];
    if (name === undefined || content === undefined || /[^\t\x20-\xff]/.test(content)) {
      return { ok: false, why: `Not a header: ${line.trim()}. A name, a colon and a value, such as Accept: application/json.` };
    }
    value.push([name, content.trim()]);
  }
  return { ok: true, value };
}
