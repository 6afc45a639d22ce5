/** What can be wrong with an upload that whoever sends it has to know. The API turns each kind into one HTTP status. */
import type { Refusal } from "../../model/problem.ts";

export type UploadRefusalKind =
  /** A header or the metadata cannot be accepted. */
  | "invalid"
  /** No such upload or folder, or somebody else's. */
  | "missing"
  /** It was there, and is over. */
  | "gone"
  /** There is something at its path that it may not replace. */
  | "exists"
  /** Another request writes to it and does not give way. */
  | "busy"
  /** The checksum that came with the bytes is not theirs. */
  | "mismatch"
  | "tooLong"
  | "overQuota"
  | "diskFull"
  | "tooMany";

export type UploadRefusal = { readonly kind: UploadRefusalKind; readonly message: string };
export type UploadOutcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: UploadRefusal };

export const received = <T>(value: T): UploadOutcome<T> => ({ ok: true, value });
export const refuse = (kind: UploadRefusalKind, message: string): UploadOutcome<never> => ({ ok: false, refusal: { kind, message } });

const kinds: Record<Refusal["kind"], UploadRefusalKind> = { validation: "invalid", conflict: "exists", notFound: "missing" };

/** What the folder said. */
export const refuseAs = ({ kind, message }: Refusal): UploadOutcome<never> => refuse(kinds[kind], message);
