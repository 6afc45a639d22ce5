/**
 * Saves a text over the state of the file that it began from, and over nothing else: an existing file by its etag, a new one by PUT, which
 * can ask for there to be none (RFC 9110, If-None-Match: *).
 */
import type { Ask } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import { SaveFileDocument } from "../../gql/graphql.ts";
import { downloadAddress } from "../folders/address.ts";

export type Wish = {
  readonly folderId: string;
  readonly path: string;
  readonly content: string;
  /** Null: there is no such file yet. */ readonly etag: string | null;
};
export type Saving =
  | { readonly kind: "saved"; readonly etag: string | null }
  /** Somebody was faster. */
  | { readonly kind: "conflict"; readonly message: string | null }
  | { readonly kind: "refused"; readonly message: string | null };

const bytesMax = 1024 * 1024;

export async function saveFile(change: Ask, wish: Wish): Promise<Saving> {
  if (new Blob([wish.content]).size > bytesMax)
    return { kind: "refused", message: "A text of more than 1 MiB cannot be saved here. It is kept in this browser." };
  return wish.etag === null ? create(wish) : replace(change, wish, wish.etag);
}

async function replace(change: Ask, { folderId, path, content }: Wish, etag: string): Promise<Saving> {
  try {
    const { writeFile } = await change(SaveFileDocument, { input: { folderId, path, content, ifMatch: etag } });
    const outcome = outcomeOf(writeFile, "WriteFileSuccess");
    if (outcome.ok) return { kind: "saved", etag: outcome.value.file.etag };
    return { kind: writeFile.__typename === "ConflictError" ? "conflict" : "refused", message: outcome.message };
  } catch (thrown) {
    return { kind: "refused", message: unreachable(thrown).message };
  }
}

async function create({ folderId, path, content }: Wish): Promise<Saving> {
  try {
    const headers = { "if-none-match": "*", "content-type": "text/plain; charset=utf-8" };
    const response = await fetch(downloadAddress(folderId, path), { method: "PUT", headers, body: content });
    if (response.ok) return { kind: "saved", etag: response.headers.get("etag")?.replaceAll('"', "") ?? null };
    const { message = `Serai answered ${response.status}.` } = (await response.json().catch(() => ({}))) as { readonly message?: string };
    return { kind: response.status === 412 ? "conflict" : "refused", message };
  } catch {
    return { kind: "refused", message: "Serai cannot be reached right now. Your text is kept in this browser; try again in a moment." };
  }
}
