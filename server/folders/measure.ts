/**
 * How many bytes a folder holds: the lengths of its plain files, each counted once however many names it has, because that is what a
 * user sees in the list and can add up; what the disk needs for them depends on the disk. Uploads and writes that are not
 * finished are not in it (quota.ts counts them), and no link is followed.
 */
import { opendir, type FileHandle } from "node:fs/promises";
import { inParallel } from "./in-parallel.ts";
import { textOfName } from "./name.ts";
import { uploadPrefix } from "./path.ts";
import { look, openDirectory, pathOfHandle, type Root } from "./walk.ts";

const depthMax = 256;
const atOnce = 8;
const namesAtOnce = 1024;

export async function measure(root: Root): Promise<number> {
  const counted = new Set<string>();
  return measureDirectory(root.handle, 0, counted);
}

async function measureDirectory(directory: FileHandle, depth: number, counted: Set<string>): Promise<number> {
  let total = 0;
  const below: string[] = [];
  let files: string[] = [];
  const weigh = async (): Promise<void> => {
    for (const bytes of await inParallel(atOnce, files, (name) => bytesOf(directory, name, counted))) total += bytes;
    files = [];
  };
  const options = { encoding: "buffer", bufferSize: namesAtOnce } as unknown as { bufferSize: number };
  for await (const entry of await opendir(pathOfHandle(directory), options)) {
    const name = textOfName(entry.name as unknown as Buffer);
    if (name.startsWith(uploadPrefix)) continue;
    if (entry.isDirectory()) below.push(name);
    else if (entry.isFile()) files.push(name);
    if (files.length >= namesAtOnce) await weigh();
  }
  await weigh();
  if (depth >= depthMax) return total;
  for (const name of below) {
    const opened = await openDirectory(directory, name);
    if (opened === null) continue;
    await using inner = opened;
    total += await measureDirectory(inner, depth + 1, counted);
  }
  return total;
}

async function bytesOf(directory: FileHandle, name: string, counted: Set<string>): Promise<number> {
  const stats = await look(directory, name);
  if (stats === null || !stats.isFile()) return 0;
  if (stats.nlink > 1n) {
    const identity = `${stats.dev}:${stats.ino}`;
    if (counted.has(identity)) return 0;
    counted.add(identity);
  }
  return Number(stats.size);
}
