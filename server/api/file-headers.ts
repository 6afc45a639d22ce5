/** What requests for files say in their headers, read as RFC 9110 has it; and what every answer about a file says. */
import type { IncomingHttpHeaders } from "node:http";
import type { Expected } from "../folders/write-file.ts";

/**
 * A folder's HTML must never run as the console does: it is only ever saved, in a sandbox of its own, and no other site may embed it.
 */
export const safety = {
  "x-content-type-options": "nosniff",
  "content-security-policy": "sandbox; default-src 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "cache-control": "private, no-cache",
};

/** RFC 6266: the name in ASCII for old clients, and as it is. */
export function attachment(name: string): string {
  const text = name.toWellFormed();
  const plain = text.replaceAll(/[^\x20-\x7e]|["\\%]/g, "_");
  const encoded = encodeURIComponent(text).replaceAll(/['()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

export type Version = { /** Quoted. */ readonly etag: string; readonly modifiedMs: number };

/** HTTP dates know seconds. */
export const httpDate = (ms: number): string => new Date(ms).toUTCString();
const isSameOrOlder = (date: string, { modifiedMs }: Version): boolean => Math.floor(modifiedMs / 1000) * 1000 <= Date.parse(date);

const etagsIn = (header: string): readonly string[] => [...header.matchAll(/(?:W\/)?"[^"]*"/g)].map(([etag]) => etag);
/** Strong comparison: what a writer relies on. */
const matches = (header: string, etag: string): boolean => header.trim() === "*" || etagsIn(header).includes(etag);
/** Weak comparison: what a cache relies on. */
const matchesWeakly = (header: string, etag: string): boolean =>
  header.trim() === "*" || etagsIn(header).some((one) => one.replace(/^W\//, "") === etag);

/** RFC 9110, 13.2.2: what a reader has already, or does not want any more. */
export function preconditionOf(headers: IncomingHttpHeaders, version: Version): "go on" | "not modified" | "failed" {
  const { "if-match": match, "if-none-match": none, "if-modified-since": modified, "if-unmodified-since": unmodified } = headers;
  if (match !== undefined && !matches(match, version.etag)) return "failed";
  if (match === undefined && unmodified !== undefined && !isSameOrOlder(unmodified, version) && !Number.isNaN(Date.parse(unmodified)))
    return "failed";
  if (none !== undefined) return matchesWeakly(none, version.etag) ? "not modified" : "go on";
  return modified !== undefined && isSameOrOlder(modified, version) ? "not modified" : "go on";
}

/** `end` is the first byte that does not belong to it. */
export type Range = { readonly start: number; readonly end: number };

/** One range; several, other units and nonsense are as if they were not there (14.2). */
export function rangeOf(headers: IncomingHttpHeaders, size: number, version: Version): Range | "all" | "not satisfiable" {
  const [, first = "", last = ""] = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(headers.range ?? "") ?? [];
  if (first === "" && last === "") return "all";
  const condition = headers["if-range"];
  if (condition !== undefined && typeof condition === "string" && !isUnchanged(condition, version)) return "all";
  if (first === "") {
    const length = Math.min(Number(last), size);
    return length === 0 ? "not satisfiable" : { start: size - length, end: size };
  }
  const start = Number(first);
  const end = last === "" ? size : Math.min(size, Number(last) + 1);
  if (last !== "" && Number(last) < start) return "all";
  return start >= size ? "not satisfiable" : { start, end };
}

function isUnchanged(condition: string, version: Version): boolean {
  if (condition.includes('"')) return condition.trim() === version.etag;
  return Date.parse(condition) === Math.floor(version.modifiedMs / 1000) * 1000;
}

/** What a writer believes to be there; null: it says so in a way that nobody can act on. */
export function expectedBy(headers: IncomingHttpHeaders): Expected | null {
  const { "if-match": match, "if-none-match": none } = headers;
  // A date tells two writes within a second as one.
  if (headers["if-unmodified-since"] !== undefined) return null;
  if (none !== undefined) return none.trim() === "*" && match === undefined ? { kind: "nothing" } : null;
  if (match === undefined) return { kind: "anything" };
  if (match.trim() === "*") return { kind: "something" };
  const etags = etagsIn(match).filter((etag) => !etag.startsWith("W/"));
  return etags.length === 0 ? null : { kind: "etags", etags: etags.map((etag) => etag.slice(1, -1)) };
}

/** RFC 4918, 10.6: unless the writer says otherwise, in whatever words. */
export const mayOverwrite = ({ overwrite }: IncomingHttpHeaders): boolean =>
  overwrite === undefined || String(overwrite).trim().toUpperCase() === "T";
