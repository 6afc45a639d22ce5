/** Numbers of bytes, to be read: exact where they are small. */
const units = ["KiB", "MiB", "GiB", "TiB", "PiB"];

export function inWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  const power = Math.min(units.length, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(1).replace(/\.0$/, "")} ${units[power - 1] ?? ""}`;
}
