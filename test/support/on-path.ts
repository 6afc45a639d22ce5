/** Where a program is; null: it is not there. */
import { existsSync } from "node:fs";
import { join } from "node:path";

export function onPath(program: string): string | null {
  const directories = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/sbin"];
  return directories.map((directory) => join(directory, program)).find((path) => existsSync(path)) ?? null;
}
