/**
 * Renames or moves something within its folder; a link is moved itself. Nothing is overwritten unless that was asked for, and then only a
 * file by a file.
 *
 * The system has no "rename, but only if the name is free" that Node could call. A plain file therefore gets its new name first (link),
 * which fails where there is one, and loses its old one then; where the disk knows no second names, and for everything else, looking
 * and renaming are alone among Serai's own writers, and a session that makes the same name in that millisecond loses an empty directory
 * at most.
 */
import type { BigIntStats } from "node:fs";
import { link, rename, rm } from "node:fs/promises";
import { conflict, done, notFound, type Outcome } from "../model/problem.ts";
import { entryOf, type FileEntry } from "./entry.ts";
import { codeOf } from "./errors.ts";
import { shownName } from "./name.ts";
import { splitPath, splitPresentPath } from "./path.ts";
import { below, enter, look, refusedPath, type Place } from "./walk.ts";
import { keyOf, type Target } from "./write-file.ts";

export type Move = { readonly from: string; readonly to: string; readonly overwrite: boolean };

/** @returns what was moved, at its new place. */
export async function moveFileIn({ root, folder, exclusively }: Target, { from, to, overwrite }: Move): Promise<Outcome<FileEntry>> {
  const source = splitPresentPath(from, "from");
  if (!source.ok) return source;
  const target = splitPath(to, "to");
  if (!target.ok) return target;
  if (target.value.length > source.value.length && source.value.every((part, index) => part === target.value[index])) return intoItself;
  await using opened = new AsyncDisposableStack();
  const oldPlace = await enter(root, source.value.slice(0, -1), opened, { field: "from" });
  if (!oldPlace.ok) return oldPlace;
  const newPlace = await enter(root, target.value.slice(0, -1), opened, { field: "to" });
  if (!newPlace.ok) return newPlace;
  const old = { place: oldPlace.value, name: source.value.at(-1) ?? "" };
  const new_ = { place: newPlace.value, name: target.value.at(-1) ?? "" };

  const keys = await Promise.all([old, new_].map(({ place, name }) => keyOf(folder, place, name)));
  return await exclusively(keys, async () => {
    const moving = await look(old.place.handle, old.name);
    if (moving === null) return notFound(shownName(from));
    const present = await look(new_.place.handle, new_.name);
    // On a disk that does not tell cases apart, the new name is there: it is the old one.
    const isSame = present !== null && present.ino === moving.ino && present.dev === moving.dev;
    // To the system, renaming the one to the other is done when nothing has happened.
    if (isSame && moving.isFile() && moving.nlink > 1n && keys[0] !== keys[1]) {
      return conflict(`${shownName(from)} and ${to} are two names of the same file already: delete one of them.`);
    }
    if (present !== null && !isSame) {
      if (!overwrite) return conflict(`There is something at ${to} already.`);
      if (!present.isFile() || !moving.isFile()) return conflict(`There is something at ${to} already, and only a file can overwrite a file.`);
    }
    const moved = await renamed(old, new_, moving, present);
    return moved ? done(await entryOf(new_.place, target.value.slice(0, -1).join("/"), new_.name, moving)) : intoItself;
  });
}

const intoItself = refusedPath("must not be inside of what is moved", "to");

type Named = { readonly place: Place; readonly name: string };

/** False: the target is inside of the source, by way of a link. */
async function renamed(old: Named, new_: Named, moving: BigIntStats, present: BigIntStats | null): Promise<boolean> {
  const [from, to] = [below(old.place.handle, old.name), below(new_.place.handle, new_.name)];
  if (present === null && moving.isFile()) {
    const linked = await link(from, to).then(
      () => true,
      (thrown: unknown) => {
        const code = codeOf(thrown);
        if (code === "EPERM" || code === "ENOTSUP" || code === "EOPNOTSUPP" || code === "EMLINK" || code === "ENOSYS") return false;
        throw thrown;
      },
    );
    if (linked) {
      await rm(from, { force: true });
      return true;
    }
  }
  return rename(from, to).then(
    () => true,
    (thrown: unknown) => {
      if (codeOf(thrown) === "EINVAL") return false;
      throw thrown;
    },
  );
}
