/**
 * What a request through the gateway costs, beside nginx, HAProxy (plain, and checking the same token), Caddy and a bare Node proxy, in one
 * run: server and callers on the first core, the proxies on the second, each in turn in every round, another one first each time.
 *
 * CPU is user and system time of the proxy by /proc, per answered request; every request carries a token of 300 bytes.
 */
import { execFile } from "node:child_process";
import { readFile, mkdtemp, rm, chmod } from "node:fs/promises";
import { Agent, get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { has, startProxies, startUpstream, type Proxy } from "./gateway-proxies.ts";
import type { Part, Row } from "./part.ts";
import { median, percentile } from "./statistics.ts";

const rounds = 5;
const seconds = 2;
const connections = 32;
const run = promisify(execFile);

type Load = { readonly cpuUs: number; readonly perSecond: number; readonly p50Ms: number; readonly p99Ms: number };
type Events = { readonly firstMs: number; readonly cpuUs: number };
type Measured = { readonly small: Load[]; readonly large: Load[]; readonly few: Events[]; readonly many: Events[] };

export const gateway: Part = {
  name: "gateway",
  missing() {
    const absent = ["nginx", "wrk", "taskset"].filter((program) => !has(program, "-v"));
    return absent.length === 0 ? null : `it needs ${absent.join(", ")}: apt-get install nginx-light wrk util-linux (and haproxy caddy)`;
  },
  async measure(opened) {
    const directory = await mkdtemp(join(tmpdir(), "serai-bench-gateway-"));
    opened.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
    await chmod(directory, 0o755);
    const { all, token, left } = await startProxies(opened, directory, await startUpstream(opened, directory));
    const measured = new Map<string, Measured>(all.map(({ name }) => [name, { small: [], large: [], few: [], many: [] }]));
    for (let round = -1; round < rounds; round += 1) {
      for (const [at] of all.entries()) {
        const proxy = all[(at + Math.max(round, 0)) % all.length] as Proxy;
        const one = { small: await load(proxy, "/small", token), large: await load(proxy, "/large", token) };
        const events = { few: await stream(proxy, token, 20), many: await stream(proxy, token, 200) };
        // The first round warms up.
        if (round < 0) continue;
        const kept = measured.get(proxy.name);
        kept?.small.push(one.small);
        kept?.large.push(one.large);
        kept?.few.push(events.few);
        kept?.many.push(events.many);
      }
    }
    return [...rowsOf(measured), ...left.map((name) => ({ name: `gateway, ${name}`, figure: "not measured: it is not there", aim: "" }))];
  },
};

/** Nanoseconds that the process's threads have run so far. */
async function cpuOf(pid: number | null): Promise<number> {
  if (pid === null) return 0;
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 1e7;
}

async function load({ port, pid }: Proxy, path: string, token: string): Promise<Load> {
  const before = await cpuOf(pid);
  const options = ["-c", "0", "wrk", "-t1", `-c${connections}`, `-d${seconds}s`, "--latency", "-H", `Authorization: Bearer ${token}`];
  const { stdout } = await run("taskset", [...options, `http://127.0.0.1:${port}${path}`]);
  const spent = (await cpuOf(pid)) - before;
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(stdout);
  const number = (pattern: RegExp): number => Number(pattern.exec(stdout)?.[1]);
  const latency = (share: number): number => {
    const [, value, unit] = new RegExp(`${share}%\\s+([\\d.]+)(us|ms|s)`).exec(stdout) ?? [];
    return Number(value) * (unit === "us" ? 0.001 : unit === "s" ? 1000 : 1);
  };
  const answered = number(/(\d+) requests in/);
  return { cpuUs: spent / 1000 / answered, perSecond: number(/Requests\/sec:\s+([\d.]+)/), p50Ms: latency(50), p99Ms: latency(99) };
}

/** Streams of 20 events at once, until all have ended. */
async function stream({ port, pid }: Proxy, token: string, clients: number): Promise<Events> {
  const agent = new Agent({ keepAlive: false });
  const before = await cpuOf(pid);
  const one = async (): Promise<number> =>
    new Promise((resolve, reject) => {
      const begunAt = performance.now();
      let firstMs = Number.NaN;
      let text = "";
      get({ agent, host: "127.0.0.1", port, path: "/events", headers: { authorization: `Bearer ${token}` } }, (answer) => {
        answer.setEncoding("utf8").on("data", (chunk: string) => {
          if (text === "") firstMs = performance.now() - begunAt;
          text += chunk;
        });
        answer.once("end", () => (text.split("\n\n").length === 21 ? resolve(firstMs) : reject(new Error(`events are missing: ${text}`))));
        answer.once("error", reject);
      }).once("error", reject);
    });
  // Once more for few, so that there is something to count.
  const times: number[] = [];
  const turns = Math.max(1, 60 / clients);
  for (let turn = 0; turn < turns; turn += 1) times.push(...(await Promise.all(Array.from({ length: clients }, one))));
  const spent = (await cpuOf(pid)) - before;
  return { firstMs: median(times), cpuUs: spent / 1000 / (clients * turns * 20) };
}

function rowsOf(measured: ReadonlyMap<string, Measured>): Row[] {
  const of = (name: string, kind: keyof Measured, read: (one: never) => number): number =>
    median((measured.get(name)?.[kind] ?? []).map(read as never));
  const cpu = (name: string): number => of(name, "small", (one: Load) => one.cpuUs);
  const base = (kind: "small" | "large", read: (one: Load) => number): number => of("direct", kind, read);
  const rows: Row[] = [];
  for (const name of measured.keys()) {
    for (const kind of ["small", "large"] as const) {
      const figure = (read: (one: Load) => number): number => of(name, kind, read);
      const [p50, p99] = [figure((one) => one.p50Ms) - base(kind, (one) => one.p50Ms), figure((one) => one.p99Ms) - base(kind, (one) => one.p99Ms)];
      const [us, perSecond] = [figure((one) => one.cpuUs), figure((one) => one.perSecond)];
      const spread = (measured.get(name)?.[kind] ?? []).map((one) => one.cpuUs);
      const range = `${percentile(spread, 0).toFixed(0)}-${percentile(spread, 1).toFixed(0)}`;
      const costs = name === "direct" ? "" : `${us.toFixed(0)} µs (${range}), `;
      const added = name === "direct" ? "" : `, +${p50.toFixed(1)}/+${p99.toFixed(1)} ms`;
      const isOurs = name === "Serai" && kind === "small";
      const best = (proxy: string): number =>
        percentile(
          (measured.get(proxy)?.small ?? []).map((one) => one.cpuUs),
          0,
        );
      const against = (other: string): string =>
        `${(cpu("Serai") / cpu(other)).toFixed(2)} (best rounds ${(best("Serai") / best(other)).toFixed(2)})`;
      const ratio = `${against("bare node:http + undici")} of bare, ${against("Caddy")} of Caddy, ${against("HAProxy, jwt_verify")} of HAProxy with jwt_verify`;
      rows.push({
        name: `gateway, ${kind === "small" ? "small JSON" : "64 KiB"}: ${name}`,
        figure: `${costs}${perSecond.toFixed(0)}/s${added}`,
        aim: isOurs ? "1.2 of bare, 0.8 of Caddy" : "",
        ...(isOurs ? { ratio } : {}),
      });
    }
    const events = (kind: "few" | "many") => {
      const firstMs = of(name, kind, (one: Events) => one.firstMs) - of("direct", kind, (one: Events) => one.firstMs);
      return name === "direct"
        ? ""
        : `${kind === "few" ? 20 : 200} clients +${firstMs.toFixed(1)} ms, ${of(name, kind, (one: Events) => one.cpuUs).toFixed(0)} µs/event`;
    };
    if (name !== "direct")
      rows.push({
        name: `gateway, first event: ${name}`,
        figure: `${events("few")}; ${events("many")}`,
        aim: name === "Serai" ? "+1 ms of nginx; 1.3 of bare" : "",
      });
  }
  return rows;
}
