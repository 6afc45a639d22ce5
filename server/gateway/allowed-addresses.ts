/** Which addresses may call a service. */
import { BlockList, isIP } from "node:net";

export type IsAllowed = (address: string) => boolean;

/** @param allowed addresses and networks as in model/traffic-policy.ts; made ready when the first is asked for. Null where all may. */
export function allowOnly(allowed: readonly string[]): IsAllowed | null {
  if (allowed.length === 0) return null;
  let list: BlockList | null = null;
  return (address) => {
    const version = isIP(address);
    return version !== 0 && (list ??= listOf(allowed)).check(address, familyOf(version));
  };
}

function listOf(allowed: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of allowed) {
    const [address = "", prefix] = text.split("/");
    const version = isIP(address);
    list.addSubnet(address, prefix === undefined ? (version === 4 ? 32 : 128) : Number(prefix), familyOf(version));
  }
  return list;
}

const familyOf = (version: number): "ipv4" | "ipv6" => (version === 4 ? "ipv4" : "ipv6");
