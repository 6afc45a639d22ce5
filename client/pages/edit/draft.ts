/**
 * What was typed into a file and not saved: kept by the browser until it is saved, so that a reload, a crash or a closed tab loses
 * nothing. It names the file's state that it began from, so that a file that somebody saved meanwhile is noticed.
 */
export type Draft = {
  readonly text: string;
  /** Of the file as it was; null where there was none. */
  readonly etag: string | null;
  readonly at: number;
};

const prefix = "serai-draft ";
const keptMs = 30 * 86_400_000;
const key = (folderId: string, path: string): string => `${prefix}${folderId} ${path}`;

export function readDraft(folderId: string, path: string): Draft | null {
  try {
    return parse(localStorage.getItem(key(folderId, path)));
  } catch {
    return null;
  }
}

/** False where the browser keeps nothing more; then only the warning on leaving is left. */
export function keepDraft(folderId: string, path: string, text: string, etag: string | null): boolean {
  try {
    localStorage.setItem(key(folderId, path), JSON.stringify({ text, etag, at: Date.now() } satisfies Draft));
    return true;
  } catch {
    return false;
  }
}

export function dropDraft(folderId: string, path: string): void {
  try {
    localStorage.removeItem(key(folderId, path));
  } catch {
    // Nothing is kept where nothing can be removed.
  }
}

/** Forgets those that nobody came back to for a month. */
export function dropOldDrafts(now: number): void {
  try {
    for (const name of Object.keys(localStorage).filter((each) => each.startsWith(prefix))) {
      const draft = parse(localStorage.getItem(name));
      if (draft === null || now - draft.at > keptMs) localStorage.removeItem(name);
    }
  } catch {
    // As above.
  }
}

function parse(stored: string | null): Draft | null {
  if (stored === null) return null;
  const draft = JSON.parse(stored) as Partial<Draft> | null;
  return typeof draft?.text === "string" && typeof draft.at === "number" ? { text: draft.text, etag: draft.etag ?? null, at: draft.at } : null;
}
