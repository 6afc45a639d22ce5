/** Amounts of bytes in words: binary units, as quotas and memory are asked for. */
const units = ["KiB", "MiB", "GiB", "TiB", "PiB"];

/** "512 B", "1.4 KiB", "23 MiB": two figures below 10, none after the point above. */
export function inBytes(bytes: number): string {
  if (bytes < 1024) return `${Math.round(bytes)} B`;
  let amount = bytes / 1024;
  let unit = 0;
  while (amount >= 1023.5 && unit < units.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${amount < 9.95 ? amount.toFixed(1) : Math.round(amount)} ${units[unit]}`;
}

export const bytesPerGiB = 1024 ** 3;

/** "1 file", "12,345 files". */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
