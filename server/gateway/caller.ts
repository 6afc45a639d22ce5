/**
 * Who calls: the one answer to "what is the client's address", for the headers that models get, for lists of addresses, for logs.
 *
 * What `X-Forwarded-*` and `Forwarded` say counts only where the peer of the connection is a proxy that the operator trusts; of anybody else
 * they are written anew. From right to left every address of the chain was added by the one behind it, so the client is the first that is not
 * a trusted proxy: what stands in front of it the client has made up itself.
 *
 * `Forwarded` (RFC 7239) counts where there is no `X-Forwarded-For`: of two chains one may be the client's own, passed on by a proxy that
 * knows only the other.
 */
import { isIP, type Socket } from "node:net";
import type { InRanges } from "./address-ranges.ts";
import { isHost } from "./target.ts";
import { type RawHeaders, valuesOf } from "./headers.ts";

export type Protocol = "http" | "https";

export type Caller = {
  /** Without port and brackets; IPv4 never as IPv6. */
  readonly address: string;
  /** From the client to the peer of the connection: all but the first are trusted proxies. */
  readonly hops: readonly string[];
  /** As a trusted proxy says; null where none does. */
  readonly protocol: Protocol | null;
  readonly host: string | null;
};

/** Null: nobody is trusted. */
export type TrustedProxies = InRanges | null;

export function callerOf(socket: Pick<Socket, "remoteAddress">, headers: RawHeaders, trusted: TrustedProxies): Caller {
  const peer = plain(socket.remoteAddress ?? "unknown");
  if (trusted?.(peer) !== true) return { address: peer, hops: [peer], protocol: null, host: null };

  const elements = forwardedElements(headers);
  const lists = valuesOf(headers, "x-forwarded-for");
  const chain = lists.length > 0 ? lists.join(",").split(",") : elements.map((element) => element.get("for") ?? "");
  const hops = [peer];
  for (const text of chain.toReversed()) {
    if (!trusted(hops[0] ?? "")) break;
    const address = addressIn(text);
    // Whoever is trusted to say who called it does not say it: then it is the one that we know of.
    if (address === null) break;
    hops.unshift(address);
  }
  const last = elements.at(-1);
  const protocol = lastOf(headers, "x-forwarded-proto") ?? last?.get("proto");
  const host = lastOf(headers, "x-forwarded-host") ?? last?.get("host") ?? "";
  return { address: hops[0] ?? peer, hops, protocol: protocolIn(protocol), host: host !== "" && isHost(host) ? host : null };
}

const plain = (address: string): string => (address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address);

/** `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`. Null where it is none: `unknown`, `_hidden`. */
function addressIn(text: string): string | null {
  const trimmed = text.trim();
  const [, bracketed, v4] = /^(?:\[([^\]]+)\](?::\d+)?|([\d.]+)(?::\d+)?)$/.exec(trimmed) ?? [];
  const address = plain(bracketed ?? v4 ?? trimmed);
  return isIP(address) === 0 || address.includes("%") ? null : address;
}

const lastOf = (headers: RawHeaders, name: string): string | undefined => valuesOf(headers, name).at(-1)?.split(",").at(-1)?.trim();

function protocolIn(text: string | undefined): Protocol | null {
  const lower = text?.toLowerCase();
  return lower === "http" || lower === "https" ? lower : null;
}

/** The elements' parameters, names in lower case. Commas and semicolons in quotes do not occur in what we look for, and end up as nothing. */
function forwardedElements(headers: RawHeaders): ReadonlyMap<string, string>[] {
  const texts = valuesOf(headers, "forwarded").flatMap((value) => value.split(","));
  return texts.map((text) => {
    const pairs = text.split(";").map((pair) => /^\s*([\w-]+)=(?:"([^"\\]*)"|([^"\s]*))\s*$/.exec(pair));
    return new Map(pairs.flatMap((found) => (found === null ? [] : [[(found[1] ?? "").toLowerCase(), found[2] ?? found[3] ?? ""]])));
  });
}
