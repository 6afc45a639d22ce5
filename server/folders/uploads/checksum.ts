/** Checksums of what was sent: of one request's bytes (the tus extension `checksum`), and of the whole file. */
import { createHash, type Hash } from "node:crypto";
import { received, refuse, type UploadOutcome } from "./refusal.ts";

/** As `Tus-Checksum-Algorithm` lists them, by their name in OpenSSL as well. */
export const checksumAlgorithms = ["sha1", "sha256", "md5"];

/** Fed with the bytes, it says at the end whether they are the ones. */
export type Checksum = { readonly hash: Hash; matches(): boolean };

/**
 * @param header `Upload-Checksum: sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=`; undefined where the request has none.
 * Source: https://tus.io/protocols/resumable-upload#checksum
 */
export function readChecksum(header: string | undefined): UploadOutcome<Checksum | null> {
  if (header === undefined) return received(null);
  const [algorithm = "", digest = "", ...more] = header.split(" ");
  if (!checksumAlgorithms.includes(algorithm)) return refuse("invalid", `Upload-Checksum: the algorithm must be ${checksumAlgorithms.join(", ")}.`);
  const hash = createHash(algorithm);
  const wanted = Buffer.from(digest, "base64");
  if (more.length > 0 || wanted.length !== hash.copy().digest().length || wanted.toString("base64") !== digest) {
    return refuse("invalid", `Upload-Checksum: after ${algorithm} must follow its digest in base64.`);
  }
  return received({ hash, matches: () => hash.digest().equals(wanted) });
}

/** SHA-256 in hex, any case. */
export const isSha256 = (text: string): boolean => /^[0-9a-f]{64}$/i.test(text);
