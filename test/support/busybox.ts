/** A root that is all of what a session needs, in 2 MB: a shell, httpd, nc and whatever else busybox is. */
import { execFile } from "node:child_process";
import { copyFile, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { onPath } from "./on-path.ts";

const execute = promisify(execFile);

export const findBusybox = (): boolean => onPath("busybox") !== null;

/** @param root an empty directory. */
export async function installBusybox(root: string): Promise<void> {
  const busybox = onPath("busybox");
  if (busybox === null) throw new Error("There is no busybox here: the package busybox-static has one.");
  for (const directory of ["bin", "tmp", "root"]) await mkdir(join(root, directory));
  await copyFile(busybox, join(root, "bin/busybox"));
  const { stdout } = await execute(busybox, ["--list"]);
  for (const name of stdout.split("\n").filter((line) => line !== "" && line !== "busybox")) await symlink("busybox", join(root, "bin", name));
}
