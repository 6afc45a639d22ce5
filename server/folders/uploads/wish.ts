/** What a client says of an upload when it begins (the tus header Upload-Metadata), read without looking at anything else. */
import { asId, type FolderId } from "../../model/ids.ts";
import { splitPath } from "../path.ts";
import { isSha256 } from "./checksum.ts";
import { received, refuse, type UploadOutcome } from "./refusal.ts";

export type UploadMetadata = Readonly<Record<string, string | null>>;
export type UploadWish = {
  readonly folderId: FolderId;
  readonly path: string;
  /** A file that is there may be replaced. */
  readonly overwrite: boolean;
  /** Of the whole file, in hex, lower case. */
  readonly sha256: string | null;
};

export function readWish(metadata: UploadMetadata): UploadOutcome<UploadWish> {
  const refused = (key: string, message: string) => refuse("invalid", `Upload-Metadata: ${key} ${message}.`);
  // PostgreSQL keeps no NUL in a text, and nobody means one.
  const withNul = Object.entries(metadata).find(([, value]) => value?.includes("\0") === true);
  if (withNul !== undefined) return refused(withNul[0], "must not contain a NUL");
  const { folderId = null, path = null, overwrite = null, sha256 = null } = metadata;
  if (folderId === null || path === null) return refused(folderId === null ? "folderId" : "path", "is missing: where should the file go?");
  const folder = asId("folder", folderId);
  if (folder === null) return refuse("missing", `There is no folder ${folderId}.`);
  const parts = splitPath(path);
  if (!parts.ok) return refused("path", parts.refusal.message.replace(/^path: /, ""));
  if (overwrite !== null && overwrite !== "true" && overwrite !== "false") return refused("overwrite", "must be true or false");
  if (sha256 !== null && !isSha256(sha256)) return refused("sha256", "must be the file's SHA-256 in 64 hexadecimal digits");
  return received({ folderId: folder, path, overwrite: overwrite === "true", sha256: sha256?.toLowerCase() ?? null });
}
