/** A gateway of several processes as an operator runs it: server/main.ts with this role alone, on a test's database. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { Database } from "../../server/store/database.ts";
import { freePorts } from "../support/ports.ts";
import { type Serai, startSerai } from "../support/serai.ts";

const compileCache = fileURLToPath(new URL("../../node_modules/.cache/node", import.meta.url));

export type Several = Serai & {
  readonly port: number;
  pids(): Promise<readonly number[]>;
  /** Of the primary and of those. */
  memoryMB(): Promise<number>;
};

export async function startSeveral(database: Database, count: number, env: Readonly<Record<string, string>> = {}): Promise<Several> {
  const [port = 0] = await freePorts(1);
  const serai = await startSerai({
    nodeOptions: ["--max-semi-space-size=2"],
    env: {
      SERAI_ROLES: "gateway",
      SERAI_GATEWAY_PROCESSES: String(count),
      SERAI_GATEWAY_PORT: String(port),
      DATABASE_URL: database.url,
      // Of no use to a gateway.
      NOMAD_ADDR: "http://127.0.0.1:1",
      // As `npm start` has them.
      NODE_COMPILE_CACHE: compileCache,
      MALLOC_TRIM_THRESHOLD_: "131072",
      ...env,
    },
  });
  onTestFinished(() => serai[Symbol.asyncDispose]());
  return {
    ...serai,
    port,
    pids: () => gatewayPidsOf(serai),
    async memoryMB() {
      const statuses = await Promise.all([serai.process.pid, ...(await gatewayPidsOf(serai))].map((pid) => readFile(`/proc/${pid}/status`, "utf8")));
      return statuses.reduce((sum, status) => sum + (Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024) / 1e6, 0);
    },
  };
}

/** Of the processes that serve now. */
export async function gatewayPidsOf({ process: { pid = 0 } }: Serai): Promise<readonly number[]> {
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8")).trim().split(" ").filter(Boolean).map(Number);
  const commands = await Promise.all(children.map((child) => readFile(`/proc/${child}/cmdline`, "utf8").catch(() => "")));
  return children.filter((_child, at) => commands[at]?.includes("gateway-process.ts"));
}
