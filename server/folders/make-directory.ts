/** Makes a directory, and those above it that are missing. */
import { mkdir } from "node:fs/promises";
import { conflict, done, type Outcome } from "../model/problem.ts";
import { entryAt, type FileEntry } from "./entry.ts";
import { codeOf } from "./errors.ts";
import { splitPath } from "./path.ts";
import { below, enter, type Root } from "./walk.ts";

export async function makeDirectoryIn(root: Root, path: string): Promise<Outcome<FileEntry>> {
  const parts = splitPath(path);
  if (!parts.ok) return parts;
  await using opened = new AsyncDisposableStack();
  const [above, name] = [parts.value.slice(0, -1), parts.value.at(-1) ?? ""];
  const place = await enter(root, above, opened, { make: true });
  if (!place.ok) return place;
  const made = await mkdir(below(place.value.handle, name)).then(
    () => true,
    (thrown: unknown) => {
      if (codeOf(thrown) === "EEXIST") return false;
      throw thrown;
    },
  );
  const entry = await entryAt(place.value, above.join("/"), name);
  if (made && entry !== null) return done(entry);
  return conflict(`There is a ${entry?.kind === "DIRECTORY" ? "directory" : "file"} ${path} already.`);
}
