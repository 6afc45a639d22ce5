/** The settings of the gateway beside its port: how clients reach it, and how many processes it is. */
import { isIP } from "node:net";
import { resolve } from "node:path";

export type GatewayConfig = {
  /** Private services are refused when the route table is older than that; null: never. */
  readonly staleMaxMs: number | null;
  /** Null: plain HTTP. */
  readonly tls: { readonly certPath: string; readonly keyPath: string } | null;
  /** Addresses and ranges (`10.0.0.0/8`) of proxies that are believed who called them. */
  readonly trustedProxies: readonly string[];
  readonly processes: number;
  /** The share of requests that are logged, beside those that failed; null: none at all. */
  readonly accessLogShare: number | null;
};

export const gatewaySettings = [
  "SERAI_GATEWAY_STALE_MAX",
  "SERAI_GATEWAY_TLS_CERT",
  "SERAI_GATEWAY_TLS_KEY",
  "SERAI_GATEWAY_TRUSTED_PROXIES",
  "SERAI_GATEWAY_PROCESSES",
  "SERAI_GATEWAY_ACCESS_LOG",
];

type Text = (name: string) => string | null;
type Wrong = (name: string, what: string) => void;

const processesMax = 64;

export function readGatewayConfig(text: Text, wrong: Wrong): GatewayConfig {
  return {
    staleMaxMs: readStaleMax(text("SERAI_GATEWAY_STALE_MAX"), wrong),
    tls: readTls(text, wrong),
    trustedProxies: readTrustedProxies(text("SERAI_GATEWAY_TRUSTED_PROXIES"), wrong),
    processes: readProcesses(text("SERAI_GATEWAY_PROCESSES"), wrong),
    accessLogShare: readAccessLogShare(text("SERAI_GATEWAY_ACCESS_LOG"), wrong),
  };
}

function readStaleMax(given: string | null, wrong: Wrong): number | null {
  if (given === null || given === "off") return null;
  const [, count, unit] = /^([1-9]\d{0,5})(s|m|h)$/.exec(given) ?? [];
  if (count === undefined) wrong("SERAI_GATEWAY_STALE_MAX", `must be off, or a time such as 90s, 10m or 2h, not "${given}"`);
  return Number(count) * (unit === "h" ? 3_600_000 : unit === "m" ? 60_000 : 1000);
}

function readTls(text: Text, wrong: Wrong): GatewayConfig["tls"] {
  const [cert, key] = [text("SERAI_GATEWAY_TLS_CERT"), text("SERAI_GATEWAY_TLS_KEY")];
  if ((cert === null) !== (key === null)) wrong("SERAI_GATEWAY_TLS_CERT", "goes together with SERAI_GATEWAY_TLS_KEY: set both or neither");
  if (cert === null || key === null) return null;
  const url = text("SERAI_ENDPOINT_URL");
  if (url?.startsWith("http:") === true) wrong("SERAI_ENDPOINT_URL", "must begin with https: where SERAI_GATEWAY_TLS_CERT is set");
  return { certPath: resolve(cert), keyPath: resolve(key) };
}

function readTrustedProxies(given: string | null, wrong: Wrong): readonly string[] {
  const ranges = given === null ? [] : given.split(",").map((range) => range.trim());
  for (const range of ranges.filter((one) => !isRange(one))) {
    wrong("SERAI_GATEWAY_TRUSTED_PROXIES", `must be addresses or ranges such as 10.0.0.0/8, separated by commas, not "${range}"`);
  }
  return ranges;
}

function isRange(range: string): boolean {
  const [, address = "", bits] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(range) ?? [];
  const version = isIP(address);
  return version !== 0 && Number(bits ?? 0) <= (version === 4 ? 32 : 128);
}

function readProcesses(given: string | null, wrong: Wrong): number {
  const count = given === null ? 1 : Number(given);
  if (Number.isInteger(count) && count >= 1 && count <= processesMax) return count;
  wrong("SERAI_GATEWAY_PROCESSES", `must be a number from 1 to ${processesMax}, not "${given}"`);
  return 1;
}

function readAccessLogShare(given: string | null, wrong: Wrong): number | null {
  if (given === null || given === "off") return null;
  if (given === "all") return 1;
  if (!/^0(\.\d+)?$/.test(given)) wrong("SERAI_GATEWAY_ACCESS_LOG", `must be off, all, or a share of the requests such as 0.01, not "${given}"`);
  return Number(given);
}
