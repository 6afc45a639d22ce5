/**
 * The one notion of an ETag, for GraphQL and HTTP: which file it is (inode), how long, and when it was last written, in nanoseconds.
 * Reading 50 GB to know whether they changed is no option. A replaced file has another inode, so two writes within one tick of the
 * clock are told apart; only a session that writes in place, twice within a tick and to the same length, is not seen.
 */
import type { BigIntStats } from "node:fs";

export type FileIdentity = Pick<BigIntStats, "ino" | "size" | "mtimeNs">;

export const etagOf = ({ ino, size, mtimeNs }: FileIdentity): string => `${ino.toString(36)}-${size.toString(36)}-${mtimeNs.toString(36)}`;
