/**
 * Which file an unfinished upload is of, kept in this browser: its size alone does not tell whether the file was changed since,
 * and the end of one file must not follow the beginning of another.
 */
export type Remembered = { readonly folderId: string; readonly path: string; readonly size: number; readonly lastModified: number };

const prefix = "serai-upload-";

export function remember(uploadId: string, upload: Remembered): void {
  try {
    localStorage.setItem(prefix + uploadId, JSON.stringify(upload));
  } catch {
    // No room: the upload goes on; only after a reload its file has to be trusted by name and size.
  }
}

export const forget = (uploadId: string): void => localStorage.removeItem(prefix + uploadId);

function recall(uploadId: string): Remembered | null {
  try {
    return JSON.parse(localStorage.getItem(prefix + uploadId) ?? "null") as Remembered | null;
  } catch {
    return null;
  }
}

/** The upload that this very file began earlier at this very place. */
export function findRemembered(folderId: string, path: string, file: File): string | null {
  for (const key of Object.keys(localStorage)) {
    if (!key.startsWith(prefix)) continue;
    const id = key.slice(prefix.length);
    const known = recall(id);
    if (known?.folderId === folderId && known.path === path && known.size === file.size && known.lastModified === file.lastModified) return id;
  }
  return null;
}

/** In words, why a file cannot be the one that an upload began with; null where it can. */
export function whyNotTheSame(upload: { readonly id: string; readonly path: string; readonly size: number }, file: File): string | null {
  const name = upload.path.slice(upload.path.lastIndexOf("/") + 1);
  if (file.name !== name) return `This is ${file.name}; the upload began with ${name}.`;
  if (file.size !== upload.size) {
    return `This file has ${file.size.toLocaleString("en")} bytes, the one that the upload began with has ${upload.size.toLocaleString("en")}. Discard the upload and send the file anew.`;
  }
  const known = recall(upload.id);
  if (known !== null && known.lastModified !== file.lastModified) {
    return "This file was changed since the upload began. Discard the upload and send the file anew.";
  }
  return null;
}
