/**
 * The environment, parsed once into one frozen, typed object. Every mistake is reported, all of them in one message, each with
 * the variable's name, what is wrong and what would be right.
 */
import { isIP } from "node:net";
import { resolve } from "node:path";
import { AppError } from "./failure.ts";
import { type GatewayConfig, gatewaySettings, readGatewayConfig } from "./gateway-config.ts";
import { nearest } from "./model/nearest.ts";
import { isOrigin } from "./model/service-spec.ts";

export type Role = "api" | "control" | "gateway";

export type Config = {
  readonly host: string;
  readonly port: number;
  readonly gatewayPort: number;
  readonly endpoint: { readonly urlTemplate: string; readonly ports: { readonly from: number; readonly to: number } };
  readonly dataDirectory: string;
  readonly foldersDirectory: string;
  /** Null: the one made at the first start, kept in the data directory. */
  readonly adminToken: string | null;
  /** Null: likewise. */
  readonly secret: string | null;
  readonly roles: ReadonlySet<Role>;
  /** Null: embedded. */
  readonly databaseUrl: string | null;
  /** Of a database that is another than before: whether it moved, or is a copy of one that goes on. Null: it is the same. */
  readonly databaseIdentity: "moved" | "copied" | null;
  /** Null: the local scheduler. */
  readonly nomad: NomadConfig | null;
  readonly gateway: GatewayConfig;
  /** Where /healthz and /metrics are beside the API, without a token; null: nowhere. */
  readonly metricsAddress: { readonly host: string; readonly port: number } | null;
  /** Of browsers' pages that are the console: they may call every service through the gateway. */
  readonly consoleOrigins: readonly string[];
  /** For so long is kept what was counted of requests. */
  readonly trafficDays: number;
  readonly examples: boolean;
  readonly logLevel: string;
};

export type NomadConfig = {
  /** Of the cluster's servers, separated by commas. */
  readonly address: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly namespace?: string;
  readonly region?: string;
  readonly caCert?: string;
  readonly clientCert?: string;
  readonly clientKey?: string;
  /** Where people reach Nomad's own UI. */
  readonly ui?: string;
};

type Environment = Readonly<Record<string, string | undefined>>;
const settings = [
  "SERAI_HOST",
  "SERAI_CONSOLE_ORIGINS",
  "SERAI_PORT",
  "SERAI_GATEWAY_PORT",
  ...gatewaySettings,
  "SERAI_ENDPOINT_URL",
  "SERAI_ENDPOINT_PORTS",
  "SERAI_DATA_DIR",
  "SERAI_FOLDERS",
  "SERAI_ADMIN_TOKEN",
  "SERAI_SECRET",
  "SERAI_DATABASE_IDENTITY",
  "SERAI_ROLES",
  "SERAI_EXAMPLES",
  "SERAI_LOG_LEVEL",
  "SERAI_NOMAD_UI",
  "SERAI_TRAFFIC_DAYS",
  "SERAI_METRICS_ADDRESS",
];
const logLevels = ["silent", "fatal", "error", "warn", "info", "debug", "trace"];
const allRoles: readonly Role[] = ["api", "control", "gateway"];

/** @throws AppError CONFIG_INVALID that names every mistake. */
export function readConfig(environment: Environment): Config {
  const mistakes: string[] = [];
  const wrong = (name: string, what: string) => mistakes.push(`${name}: ${what}`);
  // As shells set it: an empty variable means the default.
  const text = (name: string): string | null => (environment[name] === undefined || environment[name] === "" ? null : environment[name]);

  const port = (name: string, fallback: number): number => {
    const given = text(name);
    if (given === null) return fallback;
    if (/^\d+$/.test(given) && Number(given) <= 65_535) return Number(given);
    wrong(name, `must be a port from 0 to 65535, not "${given}"`);
    return fallback;
  };

  const host = text("SERAI_HOST") ?? "127.0.0.1";
  if (isIP(host) === 0 && host !== "localhost") wrong("SERAI_HOST", `must be an IP address such as 127.0.0.1, 0.0.0.0 or ::, not "${host}"`);
  const dataDirectory = resolve(text("SERAI_DATA_DIR") ?? ".serai");
  const roles = readRoles(text("SERAI_ROLES"), wrong);
  const nomad = readNomad(text, wrong);
  const databaseUrl = readDatabaseUrl(text("DATABASE_URL"), wrong);
  const isWhole = allRoles.every((role) => roles.has(role));
  if (nomad === null && !isWhole) wrong("SERAI_ROLES", "the local scheduler needs all roles in one process; set NOMAD_ADDR to run them apart");
  if (databaseUrl === null && !isWhole)
    wrong("SERAI_ROLES", "the embedded PostgreSQL serves one process with all roles; set DATABASE_URL to run them apart");
  const secret = text("SERAI_SECRET");
  if (secret !== null && secret.length < 16) wrong("SERAI_SECRET", "must be at least 16 characters, for example from `openssl rand -hex 32`");
  const adminToken = text("SERAI_ADMIN_TOKEN");
  if (adminToken !== null && !/^[\x21-\x7e]{16,512}$/.test(adminToken))
    wrong("SERAI_ADMIN_TOKEN", "must be 16 to 512 visible ASCII characters without spaces");
  const logLevel = text("SERAI_LOG_LEVEL") ?? "info";
  if (!logLevels.includes(logLevel)) wrong("SERAI_LOG_LEVEL", `must be one of ${logLevels.join(", ")}, not "${logLevel}"`);
  const examples = text("SERAI_EXAMPLES") ?? "1";
  if (examples !== "0" && examples !== "1") wrong("SERAI_EXAMPLES", `must be 0 or 1, not "${examples}"`);
  const databaseIdentity = text("SERAI_DATABASE_IDENTITY");
  if (databaseIdentity !== null && databaseIdentity !== "moved" && databaseIdentity !== "copied")
    wrong("SERAI_DATABASE_IDENTITY", `must be moved or copied, not "${databaseIdentity}"`);

  const ports = { SERAI_PORT: port("SERAI_PORT", 4400), SERAI_GATEWAY_PORT: port("SERAI_GATEWAY_PORT", 4480) };
  const gateway = readGatewayConfig(text, wrong);
  const urlFallback = `${gateway.tls === null ? "http" : "https"}://localhost:{port}`;
  const endpoint = {
    urlTemplate: readUrlTemplate(text("SERAI_ENDPOINT_URL") ?? urlFallback, wrong),
    ports: readPorts(text("SERAI_ENDPOINT_PORTS"), wrong),
  };
  const metricsAddress = readMetricsAddress(text("SERAI_METRICS_ADDRESS"), wrong);
  refuseSharedPorts({ ...ports, SERAI_METRICS_ADDRESS: metricsAddress?.port ?? 0 }, endpoint, roles, wrong);

  const config: Config = {
    host,
    port: ports.SERAI_PORT,
    gatewayPort: ports.SERAI_GATEWAY_PORT,
    endpoint,
    dataDirectory,
    foldersDirectory: resolve(text("SERAI_FOLDERS") ?? `${dataDirectory}/folders`),
    adminToken,
    secret,
    roles,
    databaseUrl,
    databaseIdentity: databaseIdentity === "moved" || databaseIdentity === "copied" ? databaseIdentity : null,
    nomad,
    gateway,
    metricsAddress,
    consoleOrigins: readOrigins(text("SERAI_CONSOLE_ORIGINS"), wrong) ?? usualOrigins(host, ports.SERAI_PORT, endpoint.urlTemplate),
    trafficDays: readTrafficDays(text("SERAI_TRAFFIC_DAYS"), wrong),
    examples: examples === "1",
    logLevel,
  };
  for (const name of Object.keys(environment)) if (name.startsWith("SERAI_") && !settings.includes(name)) wrong(name, unknownSetting(name));
  if (mistakes.length > 0) throw new AppError("CONFIG_INVALID", `The settings cannot be used:\n  ${mistakes.join("\n  ")}`);
  return Object.freeze(config);
}

function unknownSetting(name: string): string {
  const close = nearest(name, settings);
  return close === null ? "is not a setting of Serai" : `is not a setting of Serai; did you mean ${close}?`;
}

type Wrong = (name: string, what: string) => void;

function readRoles(given: string | null, wrong: Wrong): ReadonlySet<Role> {
  if (given === null) return new Set(allRoles);
  const named = given.split(",").map((role) => role.trim());
  const unknown = named.filter((role) => !allRoles.some((known) => known === role));
  if (unknown.length > 0) wrong("SERAI_ROLES", `must be a list of ${allRoles.join(", ")}, separated by commas, not "${unknown.join(", ")}"`);
  return new Set(allRoles.filter((role) => named.includes(role)));
}

/** Null where nothing is said. */
function readOrigins(given: string | null, wrong: Wrong): readonly string[] | null {
  if (given === null) return null;
  const origins = given.split(",").map((one) => one.trim().replace(/\/$/, ""));
  for (const one of origins.filter((origin) => !isOrigin(origin))) {
    wrong("SERAI_CONSOLE_ORIGINS", `must be an origin such as https://serai.example.com, or several separated by commas, not "${one}"`);
  }
  return origins;
}

/** Where a browser finds the console: on this machine, at the address that it listens on, and at the host that endpoints have. */
function usualOrigins(host: string, port: number, urlTemplate: string): readonly string[] {
  const hosts = ["localhost", "127.0.0.1", "[::1]", isIP(host) === 6 ? `[${host}]` : host];
  const sample = urlTemplate.replace("{port}", samplePort);
  if (URL.canParse(sample)) hosts.push(new URL(sample).hostname);
  return [...new Set(hosts)].flatMap((name) => (URL.canParse(`http://${name}:${port}`) ? [new URL(`http://${name}:${port}`).origin] : []));
}

function readTrafficDays(given: string | null, wrong: Wrong): number {
  if (given !== null && !/^[1-9]\d{0,2}$/.test(given)) wrong("SERAI_TRAFFIC_DAYS", `must be a number of days from 1 to 999, not "${given}"`);
  return Number(given ?? 14);
}

function readMetricsAddress(given: string | null, wrong: Wrong): Config["metricsAddress"] {
  if (given === null) return null;
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d+)$/.exec(given) ?? [];
  const host = bracketed ?? plain ?? "";
  if (isIP(host) === (bracketed === undefined ? 4 : 6) && Number(port) >= 1 && Number(port) <= 65_535) return { host, port: Number(port) };
  wrong("SERAI_METRICS_ADDRESS", `must be an address with a port, such as 10.0.0.5:9400 or [::1]:9400, not "${given}"`);
  return null;
}

function readDatabaseUrl(given: string | null, wrong: Wrong): string | null {
  if (given !== null && !/^postgres(ql)?:\/\/\S+$/.test(given)) wrong("DATABASE_URL", "must look like postgres://user:password@host:5432/database");
  return given;
}

function readUrlTemplate(template: string, wrong: Wrong): string {
  const places = (template.match(/\{port\}|\{service\}/g) ?? []).length;
  const sample = template.replace("{port}", samplePort).replace("{service}", sampleService);
  if (places !== 1 || /[{}]/.test(sample) || !isEndpointUrl(sample)) {
    wrong(
      "SERAI_ENDPOINT_URL",
      `must be a URL with {port} as its port or {service} in its host name, such as http://localhost:{port} or https://{service}.models.example.com, not "${template}"`,
    );
  }
  return template.replace(/\/$/, "");
}

const samplePort = "10000";
const sampleService = "a-service";

/** The gateway tells services apart by port and host name, by nothing else. */
function isEndpointUrl(sample: string): boolean {
  if (!URL.canParse(sample)) return false;
  const { protocol, hostname, port } = new URL(sample);
  return /^https?:$/.test(protocol) && (hostname.includes(sampleService) || port === samplePort);
}

/** Of two listeners that want one port the second fails, later, and with less to say. */
function refuseSharedPorts(
  ports: { readonly SERAI_PORT: number; readonly SERAI_GATEWAY_PORT: number; readonly SERAI_METRICS_ADDRESS: number },
  endpoint: Config["endpoint"],
  roles: ReadonlySet<Role>,
  wrong: Wrong,
): void {
  const isOpened = (name: string): boolean =>
    name === "SERAI_PORT" ? roles.has("api") : name === "SERAI_GATEWAY_PORT" ? roles.has("gateway") : true;
  const own = Object.entries(ports).filter(([name, port]) => port !== 0 && isOpened(name));
  own.forEach(([name, port], at) => {
    const other = own.slice(0, at).find((earlier) => earlier[1] === port);
    if (other !== undefined) wrong(name, `must not be ${other[0]}, which is ${port} as well`);
  });
  if (!roles.has("gateway") || !endpoint.urlTemplate.includes("{port}")) return;
  const { from, to } = endpoint.ports;
  for (const [name, port] of own) {
    if (port >= from && port <= to) wrong("SERAI_ENDPOINT_PORTS", `must not contain ${name}: ${from}-${to} contains ${port}`);
  }
}

function readPorts(given: string | null, wrong: Wrong): { from: number; to: number } {
  const [, from, to] = /^(\d+)-(\d+)$/.exec(given ?? "10000-10999") ?? [];
  const range = { from: Number(from), to: Number(to) };
  if (!(range.from >= 1 && range.from <= range.to && range.to <= 65_535)) {
    wrong("SERAI_ENDPOINT_PORTS", `must be a range of ports such as 10000-10999, not "${given}"`);
  }
  return range;
}

const isHttpUrl = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

/** The variables that Nomad's own tools read. */
function readNomad(text: (name: string) => string | null, wrong: Wrong): NomadConfig | null {
  const address = text("NOMAD_ADDR");
  if (address === null) return null;
  const addresses = address.split(",").map((one) => one.trim().replace(/\/$/, ""));
  for (const one of addresses.filter((each) => !isHttpUrl(each))) {
    wrong("NOMAD_ADDR", `must be a URL such as http://127.0.0.1:4646, or several separated by commas, not "${one}"`);
  }
  const names = {
    token: "NOMAD_TOKEN",
    tokenFile: "NOMAD_TOKEN_FILE",
    namespace: "NOMAD_NAMESPACE",
    region: "NOMAD_REGION",
    caCert: "NOMAD_CACERT",
    clientCert: "NOMAD_CLIENT_CERT",
    clientKey: "NOMAD_CLIENT_KEY",
  };
  const given = Object.entries(names).flatMap(([key, name]) => (text(name) === null ? [] : [[key, text(name)]]));
  if ((text("NOMAD_CLIENT_CERT") === null) !== (text("NOMAD_CLIENT_KEY") === null)) {
    wrong("NOMAD_CLIENT_CERT", "goes together with NOMAD_CLIENT_KEY: set both or neither");
  }
  if (text("NOMAD_TOKEN") !== null && text("NOMAD_TOKEN_FILE") !== null) wrong("NOMAD_TOKEN_FILE", "cannot be given together with NOMAD_TOKEN");
  const ui = text("SERAI_NOMAD_UI");
  if (ui !== null && !isHttpUrl(ui))
    wrong("SERAI_NOMAD_UI", `must be the URL of Nomad's UI as people reach it, such as https://nomad.example.com, not "${ui}"`);
  return {
    address: addresses.join(","),
    ...(ui === null ? {} : { ui: ui.replace(/\/(ui\/?)?$/, "") }),
    ...(Object.fromEntries(given) as Omit<NomadConfig, "address" | "ui">),
  };
}
