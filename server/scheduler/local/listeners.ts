/** Who listens on a port: the kernel's tables of sockets (proc_net(5)) joined with the files that processes hold open. */
import { readdir, readFile, readlink } from "node:fs/promises";

export type Listener = { readonly host: string; readonly port: number; readonly inode: string };

const listening = "0A";

/** Listening sockets of a table in the format of /proc/net/tcp and tcp6. Where it listens on every address, the loopback one. */
export function parseListeners(table: string): readonly Listener[] {
  const found: Listener[] = [];
  for (const line of table.split("\n").slice(1)) {
    const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
    if (state !== listening) continue;
    const [address = "", port = ""] = local.split(":");
    found.push({ host: hostOf(address), port: Number.parseInt(port, 16), inode });
  }
  return found;
}

/** Each 32-bit word is in the byte order of the machine, which is little-endian wherever Serai runs. */
function hostOf(address: string): string {
  const bytes = (address.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).toReversed().map((byte) => Number.parseInt(byte, 16)));
  const isMapped = bytes.length === 16 && bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (bytes.length === 4 || isMapped) return anyToLoopback(bytes.slice(-4).join("."));
  if (bytes.every((byte) => byte === 0)) return "127.0.0.1";
  const groups = Array.from({ length: 8 }, (_, index) => (((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0)).toString(16));
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}
const anyToLoopback = (host: string): string => (host === "0.0.0.0" ? "127.0.0.1" : host);

export async function readListeners(): Promise<readonly Listener[]> {
  const tables = await Promise.all(["tcp", "tcp6"].map((name) => readFile(`/proc/net/${name}`, "latin1").catch(() => "")));
  return tables.flatMap(parseListeners);
}

/** Inodes of the sockets that a process holds; none where it has ended or is another user's. */
export async function socketsOf(pid: number): Promise<ReadonlySet<string>> {
  const inodes = new Set<string>();
  for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
    const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => "");
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (inode !== undefined) inodes.add(inode);
  }
  return inodes;
}
