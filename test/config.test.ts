import { expect, test } from "vitest";
import { readConfig } from "../server/config.ts";

test("without any setting everything has its documented default", () => {
  expect(readConfig({})).toMatchObject({
    host: "127.0.0.1",
    port: 4400,
    gatewayPort: 4480,
    endpoint: { urlTemplate: "http://localhost:{port}", ports: { from: 10_000, to: 10_999 } },
    databaseUrl: null,
    nomad: null,
    examples: true,
  });
});

test("an empty variable means the default", () => {
  expect(readConfig({ SERAI_PORT: "", NOMAD_ADDR: "", DATABASE_URL: "" })).toEqual(readConfig({}));
});

test.each([
  { variable: "SERAI_PORT", given: "abc", says: /SERAI_PORT: must be a port from 0 to 65535, not "abc"/ },
  { variable: "SERAI_GATEWAY_PORT", given: "70000", says: /SERAI_GATEWAY_PORT: must be a port/ },
  { variable: "SERAI_HOST", given: "example.com", says: /SERAI_HOST: must be an IP address/ },
  {
    variable: "SERAI_ENDPOINT_URL",
    given: "foo",
    says: /SERAI_ENDPOINT_URL: must be a URL with \{port\} as its port or \{service\} in its host name/,
  },
  { variable: "SERAI_ENDPOINT_URL", given: "http://{service}.x:{port}", says: /SERAI_ENDPOINT_URL/ },
  { variable: "SERAI_ENDPOINT_URL", given: "http://localhost/{port}", says: /SERAI_ENDPOINT_URL: must be a URL with \{port\} as its port/ },
  { variable: "SERAI_ENDPOINT_URL", given: "http://{port}.example.com", says: /SERAI_ENDPOINT_URL/ },
  { variable: "SERAI_ENDPOINT_URL", given: "https://example.com/{service}", says: /\{service\} in its host name/ },
  { variable: "SERAI_ENDPOINT_URL", given: "https://{service}@example.com", says: /\{service\} in its host name/ },
  { variable: "SERAI_ENDPOINT_PORTS", given: "4000-4400", says: /SERAI_ENDPOINT_PORTS: must not contain SERAI_PORT: 4000-4400 contains 4400/ },
  { variable: "SERAI_GATEWAY_PORT", given: "10999", says: /SERAI_ENDPOINT_PORTS: must not contain SERAI_GATEWAY_PORT/ },
  { variable: "SERAI_PORT", given: "4480", says: /SERAI_GATEWAY_PORT: must not be SERAI_PORT, which is 4480 as well/ },
  { variable: "SERAI_METRICS_ADDRESS", given: "127.0.0.1:4400", says: /SERAI_METRICS_ADDRESS: must not be SERAI_PORT, which is 4400 as well/ },
  { variable: "SERAI_METRICS_ADDRESS", given: "[::1]:10000", says: /SERAI_ENDPOINT_PORTS: must not contain SERAI_METRICS_ADDRESS/ },
  { variable: "SERAI_METRICS_ADDRESS", given: "9400", says: /SERAI_METRICS_ADDRESS: must be an address with a port.*not "9400"/ },
  { variable: "SERAI_METRICS_ADDRESS", given: "metrics.test:9400", says: /SERAI_METRICS_ADDRESS: must be an address with a port/ },
  { variable: "SERAI_METRICS_ADDRESS", given: "10.0.0.5:70000", says: /SERAI_METRICS_ADDRESS: must be an address with a port/ },
  { variable: "SERAI_ENDPOINT_PORTS", given: "20-10", says: /SERAI_ENDPOINT_PORTS: must be a range of ports/ },
  { variable: "SERAI_ROLES", given: "api,cook", says: /SERAI_ROLES: must be a list of api, control, gateway, separated by commas, not "cook"/ },
  { variable: "SERAI_ROLES", given: "gateway", says: /the local scheduler needs all roles in one process/ },
  { variable: "SERAI_DATABASE_IDENTITY", given: "cloned", says: /SERAI_DATABASE_IDENTITY: must be moved or copied, not "cloned"/ },
  { variable: "SERAI_SECRET", given: "short", says: /SERAI_SECRET: must be at least 16 characters/ },
  { variable: "SERAI_ADMIN_TOKEN", given: "with a space in it", says: /SERAI_ADMIN_TOKEN/ },
  { variable: "SERAI_PROT", given: "4500", says: /SERAI_PROT: is not a setting of Serai; did you mean SERAI_PORT\?/ },
  { variable: "SERAI_GATEWAY_STALE_MAX", given: "10", says: /SERAI_GATEWAY_STALE_MAX: must be off, or a time such as 90s, 10m or 2h, not "10"/ },
  {
    variable: "SERAI_GATEWAY_ACCESS_LOG",
    given: "1%",
    says: /SERAI_GATEWAY_ACCESS_LOG: must be off, all, or a share of the requests such as 0.01, not "1%"/,
  },
  { variable: "SERAI_TRAFFIC_DAYS", given: "0", says: /SERAI_TRAFFIC_DAYS: must be a number of days from 1 to 999, not "0"/ },
  { variable: "SERAI_CONSOLE_ORIGINS", given: "serai.example.com", says: /SERAI_CONSOLE_ORIGINS: must be an origin such as https:.*not "serai/ },
  { variable: "SERAI_CONSOLE_ORIGINS", given: "https://a.test, https://b.test/x", says: /SERAI_CONSOLE_ORIGINS: .*not "https:..b.test.x"/ },
  { variable: "SERAI_GATEWAY_TLS_CERT", given: "cert.pem", says: /SERAI_GATEWAY_TLS_CERT: goes together with SERAI_GATEWAY_TLS_KEY/ },
  {
    variable: "SERAI_GATEWAY_TRUSTED_PROXIES",
    given: "10.0.0.0/8, 10.0.0.0/33",
    says: /SERAI_GATEWAY_TRUSTED_PROXIES: must be addresses or ranges such as 10\.0\.0\.0\/8, separated by commas, not "10\.0\.0\.0\/33"/,
  },
  { variable: "SERAI_GATEWAY_TRUSTED_PROXIES", given: "lb.example", says: /not "lb\.example"/ },
  { variable: "SERAI_GATEWAY_PROCESSES", given: "0", says: /SERAI_GATEWAY_PROCESSES: must be a number from 1 to 64, not "0"/ },
  { variable: "SERAI_EXAMPLES", given: "yes", says: /SERAI_EXAMPLES: must be 0 or 1/ },
  { variable: "DATABASE_URL", given: "localhost", says: /DATABASE_URL: must look like postgres:/ },
  { variable: "NOMAD_ADDR", given: "127.0.0.1:4646", says: /NOMAD_ADDR: must be a URL/ },
  { variable: "NOMAD_ADDR", given: "http://a:4646, b:4646", says: /several separated by commas, not "b:4646"/ },
  { variable: "SERAI_NOMAD_UI", given: "nomad.example.com", says: /SERAI_NOMAD_UI: must be the URL of Nomad's UI as people reach it/ },
  { variable: "NOMAD_CLIENT_KEY", given: "key.pem", says: /NOMAD_CLIENT_CERT: goes together with NOMAD_CLIENT_KEY/ },
])("$variable=$given is refused with what would be right", ({ variable, given, says }) => {
  const nomad = variable === "NOMAD_CLIENT_KEY" || variable === "SERAI_NOMAD_UI" ? { NOMAD_ADDR: "http://127.0.0.1:4646" } : {};
  expect(() => readConfig({ ...nomad, [variable]: given })).toThrow(says);
});

test("only ports that this process opens are held against each other", () => {
  const read = (SERAI_ROLES: string) =>
    readConfig({ NOMAD_ADDR: "http://a:4646", DATABASE_URL: "postgres://a/b", SERAI_METRICS_ADDRESS: "127.0.0.1:4400", SERAI_ROLES });
  expect(() => read("api,control")).toThrow("SERAI_METRICS_ADDRESS: must not be SERAI_PORT");
  expect(read("control").roles).toEqual(new Set(["control"]));
});

test("with TLS, addresses of endpoints begin with https:", () => {
  const tls = { SERAI_GATEWAY_TLS_CERT: "cert.pem", SERAI_GATEWAY_TLS_KEY: "key.pem" };
  expect(readConfig(tls).endpoint.urlTemplate).toBe("https://localhost:{port}");
  expect(() => readConfig({ ...tls, SERAI_ENDPOINT_URL: "http://localhost:{port}" })).toThrow("SERAI_ENDPOINT_URL: must begin with https:");
});

test("Nomad's servers are several addresses, and its token stands in one place", () => {
  expect(readConfig({ NOMAD_ADDR: "http://a:4646, https://b:4646/" }).nomad).toEqual({ address: "http://a:4646,https://b:4646" });
  expect(() => readConfig({ NOMAD_ADDR: "http://a:4646", NOMAD_TOKEN: "x", NOMAD_TOKEN_FILE: "/run/token" })).toThrow(
    "NOMAD_TOKEN_FILE: cannot be given together with NOMAD_TOKEN",
  );
});

test("Nomad's UI may be given with the path that it has there", () => {
  const place = (ui: string) => readConfig({ NOMAD_ADDR: "http://a:4646", SERAI_NOMAD_UI: ui }).nomad;
  for (const ui of ["", "/", "/ui", "/ui/"]) expect(place(`https://nomad.example.com${ui}`)).toMatchObject({ ui: "https://nomad.example.com" });
});

test.each([
  { given: undefined, share: null },
  { given: "off", share: null },
  { given: "all", share: 1 },
  { given: "0.01", share: 0.01 },
  { given: "0", share: 0 },
])("SERAI_GATEWAY_ACCESS_LOG=$given logs the share $share", ({ given, share }) => {
  expect(readConfig(given === undefined ? {} : { SERAI_GATEWAY_ACCESS_LOG: given }).gateway.accessLogShare).toBe(share);
});

test("ports that do not meet may be chosen freely", () => {
  expect(readConfig({ SERAI_PORT: "0", SERAI_GATEWAY_PORT: "0" })).toMatchObject({ port: 0, gatewayPort: 0 });
  const named = { SERAI_ENDPOINT_URL: "https://{service}.models.example.com", SERAI_PORT: "10000" };
  expect(readConfig(named)).toMatchObject({ port: 10_000 });
  const apart = { NOMAD_ADDR: "http://127.0.0.1:4646", DATABASE_URL: "postgres://db/serai", SERAI_ROLES: "gateway" };
  expect(readConfig({ ...apart, SERAI_GATEWAY_PORT: "4400" })).toMatchObject({ gatewayPort: 4400 });
});

test("the console's origins are where a browser finds it: on this machine, where it listens, and at the host of endpoints", () => {
  const here = ["http://localhost:4400", "http://127.0.0.1:4400", "http://[::1]:4400"];
  expect(readConfig({}).consoleOrigins).toEqual(here);
  const network = { SERAI_HOST: "0.0.0.0", SERAI_ENDPOINT_URL: "http://Models.example.com:{port}", SERAI_PORT: "80", SERAI_GATEWAY_PORT: "8080" };
  expect(readConfig(network).consoleOrigins).toContain("http://models.example.com");
  expect(readConfig({ SERAI_CONSOLE_ORIGINS: "https://serai.example.com/, http://10.0.0.1:4400" }).consoleOrigins).toEqual([
    "https://serai.example.com",
    "http://10.0.0.1:4400",
  ]);
});

test("every mistake is reported in one message", () => {
  expect(() => readConfig({ SERAI_PORT: "x", SERAI_EXAMPLES: "x", SERAI_SECRET: "x" })).toThrow(/SERAI_SECRET[^]*SERAI_EXAMPLES[^]*SERAI_PORT/);
});
