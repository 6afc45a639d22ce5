/** What a request's URL names: a folder, a path in it, and how it wants it. Bytes of the path that are no UTF-8 stay what they are. */
import { asId, type FolderId } from "../model/ids.ts";
import { textOfName } from "../folders/name.ts";

export const filesPath = "/files/";

/** `path` empty: the folder itself. */
export type FileTarget = { readonly folderId: FolderId; readonly path: string; readonly query: URLSearchParams };

/** Null: no such thing can be there. @param url a request's, or a `Destination` header's, without its origin. */
export function targetOf(url: string): FileTarget | null {
  const [pathname = "", query = ""] = url.split("#", 1)[0]?.split(/\?(.*)/s) ?? [];
  if (!pathname.startsWith(filesPath)) return null;
  const [id = "", ...segments] = pathname.slice(filesPath.length).split("/");
  const folderId = asId("folder", id);
  // A directory may be written with a / at its end.
  if (segments.at(-1) === "") segments.pop();
  const parts = segments.map(decoded);
  if (folderId === null || parts.includes(null)) return null;
  return { folderId, path: parts.join("/"), query: new URLSearchParams(query) };
}

/** Null: it is encoded wrongly, or would be two names. */
function decoded(segment: string): string | null {
  if (/%(?![0-9A-Fa-f]{2})/.test(segment)) return null;
  const bytes = Buffer.from(
    segment.replaceAll(/%([0-9A-Fa-f]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  );
  return bytes.includes("/") ? null : textOfName(bytes);
}
