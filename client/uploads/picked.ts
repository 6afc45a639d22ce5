/** What somebody chose to upload, one after the other. */
export type Picked = {
  /** From where it was put, with `/`. */
  readonly path: string;
  /** Null: a directory with nothing in it. */
  readonly file: File | null;
  /** The upload that it goes on with. */
  readonly uploadId?: string;
};

/** From a file picker; one that chose a directory gives each file its path from there. */
export async function* picked(files: readonly File[]): AsyncGenerator<Picked> {
  for (const file of files) yield { path: file.webkitRelativePath === "" ? file.name : file.webkitRelativePath, file };
}

/** The rest of an upload that broke off, from the same file. */
export async function* continued(upload: { readonly id: string; readonly path: string }, file: File): AsyncGenerator<Picked> {
  yield { path: upload.path.slice(upload.path.lastIndexOf("/") + 1), file, uploadId: upload.id };
}
