/**
 * The files of folders: one directory each, named by the folder's id, under SERAI_FOLDERS.
 *
 * On a cluster this is the file system that every machine shares, so nothing here assumes to be alone: sessions write into
 * their folders while we do, files are replaced in one step, and links that a session left are not followed out of the folder.
 * A user's mistake is a refusal; a disk that is full or gone is FOLDER_UNAVAILABLE.
 *
 * path.ts             which paths may be written
 * write-file.ts       one file, complete or not at all
 * read-definition.ts  the model definition, bounded
 */
import { mkdir, realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import type { FolderId } from "../model/ids.ts";
import type { DefinitionFile } from "../model/model-definition.ts";
import type { Outcome } from "../model/problem.ts";
import { folderUnavailable } from "./errors.ts";
import { readDefinitionIn } from "./read-definition.ts";
import { writeFileIn, type FileWish, type WrittenFile } from "./write-file.ts";

export type Folders = {
  /** Absolute path of the folder's directory on this machine, and on a cluster on every other. */
  pathOf(folderId: FolderId): string;
  create(folderId: FolderId): Promise<void>;
  /** With everything in it. Nothing happens where there is none. */
  remove(folderId: FolderId): Promise<void>;
  /** Makes the folder's directory where a crash between its row and `create` left none. */
  writeFile(folderId: FolderId, wish: FileWish): Promise<Outcome<WrittenFile>>;
  readDefinition(folderId: FolderId): Promise<DefinitionFile>;
};

/** @param directory absolute; made where it does not exist. */
export function openFolders({ directory }: { readonly directory: string }): Folders {
  const pathOf = (folderId: FolderId): string => join(directory, folderId);
  const make = async (folderId: FolderId): Promise<void> => void (await mkdir(pathOf(folderId), { recursive: true }));
  return {
    pathOf,
    create: (folderId) => reaching(() => make(folderId)),
    remove: (folderId) => reaching(() => rm(pathOf(folderId), { recursive: true, force: true })),
    writeFile: (folderId, wish) =>
      reaching(async () => {
        await make(folderId);
        return writeFileIn(await realpath(pathOf(folderId)), wish);
      }),
    readDefinition: (folderId) => reaching(async () => readDefinitionIn(await realpath(pathOf(folderId)))),
  };
}

async function reaching<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    throw folderUnavailable(thrown);
  }
}
