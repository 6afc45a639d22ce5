/** The proxies that the gateway is measured beside, each as a fresh process on the second core, over the same server. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePorts } from "../support/ports.ts";
import { until } from "./until.ts";

export type Proxy = { readonly name: string; readonly port: number; readonly pid: number | null };
export type Proxies = { readonly all: readonly Proxy[]; readonly token: string; readonly left: readonly string[] };

export const has = (program: string, argument: string): boolean => spawnSync(program, [argument], { stdio: "ignore" }).error === undefined;
const source = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const semiSpace = "--max-semi-space-size=2";

async function startPinned(opened: AsyncDisposableStack, core: number, program: string, ...rest: readonly string[]): Promise<ChildProcess> {
  const child = spawn("taskset", ["-c", String(core), program, ...rest], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, GOMAXPROCS: "1" },
  });
  const exited = once(child, "exit");
  opened.defer(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  return child;
}

/** nginx with a small answer, a 64 KiB one and events from beside. */
export async function startUpstream(opened: AsyncDisposableStack, directory: string): Promise<number> {
  const [port = 0, events = 0] = await freePorts(2);
  await startPinned(opened, 0, process.execPath, source("gateway-upstream-child.ts"), String(events));
  await writeFile(join(directory, "large"), Buffer.alloc(65_536, "a"));
  await startNginx(
    opened,
    directory,
    0,
    "upstream",
    `server { listen 127.0.0.1:${port} backlog=4096; root ${directory}; keepalive_requests 100000000;
    location = /small { default_type application/json; return 200 '{"id":"cmpl-1","object":"text_completion","choices":[{"text":"hello"}]}'; }
    location = /events { proxy_pass http://127.0.0.1:${events}; proxy_buffering off; } }`,
  );
  await untilItAnswers(port, null);
  return port;
}

async function startNginx(opened: AsyncDisposableStack, directory: string, core: number, name: string, servers: string): Promise<ChildProcess> {
  const path = join(directory, `${name}.conf`);
  await writeFile(
    path,
    `daemon off; master_process off; worker_processes 1; pid ${directory}/${name}.pid; error_log ${directory}/${name}.log;
    events { worker_connections 4096; } http { access_log off; client_body_temp_path ${directory}/${name}-body; proxy_temp_path ${directory}/${name}-proxy; ${servers} }`,
  );
  return startPinned(opened, core, "nginx", "-p", directory, "-c", path);
}

const untilItAnswers = (port: number, token: string | null): Promise<unknown> =>
  until(`port ${port} answers`, 50, async () => {
    const headers = token === null ? {} : { authorization: `Bearer ${token}` };
    const answer = await fetch(`http://127.0.0.1:${port}/small`, { headers }).catch(() => null);
    return answer?.ok === true ? true : null;
  });

export async function startProxies(opened: AsyncDisposableStack, directory: string, upstream: number): Promise<Proxies> {
  const ports = await freePorts(6);
  const [nginx = 0, haproxy = 0, withJwt = 0, caddy = 0, bare = 0, serai = 0] = ports;
  const server = `127.0.0.1:${upstream}`;
  const seraiProcess = await startPinned(opened, 1, process.execPath, semiSpace, source("gateway-serai-child.ts"), String(upstream), String(serai));
  const [line] = (await once(seraiProcess.stdout ?? seraiProcess, "data")) as [Buffer];
  const { token, publicKey } = JSON.parse(line.toString()) as { token: string; publicKey: string };
  await writeFile(join(directory, "public.pem"), publicKey);

  const all: Proxy[] = [{ name: "direct", port: upstream, pid: null }];
  const left: string[] = [];
  const add = (name: string, port: number, child: ChildProcess): void => void all.push({ name, port, pid: child.pid ?? null });
  add(
    "nginx",
    nginx,
    await startNginx(
      opened,
      directory,
      1,
      "proxy",
      `upstream model { server ${server}; keepalive 512; keepalive_requests 100000000; }
    server { listen 127.0.0.1:${nginx} backlog=4096; keepalive_requests 100000000;
      location / { proxy_pass http://model; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; } }`,
    ),
  );
  if (has("haproxy", "-v")) {
    const configuration = (port: number, rules: string): string => `global
  nbthread 1
  maxconn 4000
defaults
  mode http
  option http-no-delay
  timeout connect 2s
  timeout client 1m
  timeout server 1m
frontend f
  bind 127.0.0.1:${port}
  ${rules}
  default_backend b
backend b
  http-reuse always
  server s ${server}
`;
    const check = `http-request set-var(txn.bearer) http_auth_bearer
  http-request deny deny_status 401 unless { var(txn.bearer),jwt_verify("ES256","${directory}/public.pem") -m int 1 }`;
    for (const [name, port, rules] of [
      ["HAProxy", haproxy, ""],
      ["HAProxy, jwt_verify", withJwt, check],
    ] as const) {
      const path = join(directory, `${port}.cfg`);
      await writeFile(path, configuration(port, rules));
      add(name, port, await startPinned(opened, 1, "haproxy", "-db", "-f", path));
    }
  } else left.push("HAProxy (apt-get install haproxy)");
  if (has("caddy", "version")) {
    await writeFile(
      join(directory, "Caddyfile"),
      `{\n  admin off\n  auto_https off\n  log {\n    output discard\n  }\n}\nhttp://127.0.0.1:${caddy} {\n  bind 127.0.0.1\n  reverse_proxy ${server} {\n    flush_interval -1\n  }\n}\n`,
    );
    add("Caddy", caddy, await startPinned(opened, 1, "caddy", "run", "--adapter", "caddyfile", "--config", join(directory, "Caddyfile")));
  } else left.push("Caddy (apt-get install caddy)");
  add(
    "bare node:http + undici",
    bare,
    await startPinned(opened, 1, process.execPath, semiSpace, source("gateway-bare-child.ts"), `http://${server}`, String(bare)),
  );
  add("Serai", serai, seraiProcess);
  for (const { port } of all) await untilItAnswers(port, token);
  return { all, token, left };
}
