/** Whether an address is one of some addresses and ranges: of those that may call a service, of the proxies that are trusted. */
import { BlockList, isIP } from "node:net";

export type InRanges = (address: string) => boolean;

/** @param ranges such as `10.0.0.0/8` or `fd00::1`, which were checked; made ready when the first address is asked for. Null where there are none. */
export function inRanges(ranges: readonly string[]): InRanges | null {
  if (ranges.length === 0) return null;
  let list: BlockList | null = null;
  return (address) => {
    const version = isIP(address);
    return version !== 0 && (list ??= listOf(ranges)).check(address, familyOf(version));
  };
}

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of ranges) {
    const [address = "", prefix] = text.split("/");
    const version = isIP(address);
    list.addSubnet(address, prefix === undefined ? (version === 4 ? 32 : 128) : Number(prefix), familyOf(version));
  }
  return list;
}

const familyOf = (version: number): "ipv4" | "ipv6" => (version === 4 ? "ipv4" : "ipv6");
