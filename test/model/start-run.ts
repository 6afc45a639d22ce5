/** Runs compiled start scripts as a session does: in a model folder, with a home of their own, under a given shell. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServedModel } from "../../server/model/model-definition.ts";
import { startAction, type StartAction } from "../../server/model/start-action.ts";
import { parseStartReport, type StartReport } from "../../server/model/start-report.ts";
import { startScript } from "../../server/model/start-script.ts";

export const shells = [{ shell: ["dash"] }, { shell: ["busybox", "sh"] }] as const;
export type Shell = (typeof shells)[number]["shell"];

export const modelOf = (
  actions: readonly object[],
  start_command: readonly string[] | string = ["printf", "started"],
  changes: Partial<ServedModel["service"]> = {},
): ServedModel => ({
  name: "it's a model",
  model_path: "/models",
  service: {
    pre_start_actions: actions.map((action): StartAction => startAction.parse(action)),
    start_command: typeof start_command === "string" ? start_command : [...start_command],
    shell: null,
    port: 8000,
    health_check: null,
    ...changes,
  },
  metadata: {},
});

export type Ran = {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly report: StartReport | null;
  readonly folder: string;
  readonly home: string;
  /** What an action left beside the report; null where there is nothing. */
  readonly kept: (name: string) => Buffer | null;
};

const made: string[] = [];
export const removeRuns = (): void => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
};

export type Where = { readonly folder: string; readonly home: string };

export function newPlace(): Where {
  const directory = mkdtempSync(join(tmpdir(), "serai-script-"));
  made.push(directory);
  const place = { folder: join(directory, "model folder"), home: join(directory, "ho me") };
  mkdirSync(place.folder);
  mkdirSync(place.home);
  return place;
}

/** @param mounts null: as in a container, where the definition's paths are real. */
export async function run(model: ServedModel, shell: Shell, mounts: Parameters<typeof startScript>[1] = [], where: Where = newPlace()): Promise<Ran> {
  const [program, ...rest] = shell;
  const { folder, home } = where;
  const env = { PATH: process.env["PATH"] ?? "", PORT: "4711", MODEL_PATH: folder, SERAI_HOME: home };
  const child = spawn(program, [...rest, "-s"], { env, stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.end(startScript(model, mounts));
  const [stdout, stderr] = [child.stdout, child.stderr].map((stream) => stream.toArray() as Promise<Buffer[]>);
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  const start = join(home, ".serai", "start");
  const kept = (name: string): Buffer | null => (existsSync(join(start, name)) ? readFileSync(join(start, name)) : null);
  const report = kept("report");
  return {
    code,
    stdout: Buffer.concat((await stdout) ?? []),
    stderr: Buffer.concat((await stderr) ?? []).toString(),
    report: report === null ? null : parseStartReport(report.toString(), model.service.pre_start_actions.length),
    folder,
    home,
    kept,
  };
}
