/** A server of Nomad that waits for two others in vain: it answers, and has no leader. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pause } from "./nomad-agent.ts";
import { commonConfig, serverRole } from "./nomad-config.ts";
import { findNomad } from "./nomad.ts";
import { freePorts } from "./ports.ts";

export type LeaderlessNomad = AsyncDisposable & { readonly address: string; kill(): Promise<void> };

export async function startLeaderlessNomad(): Promise<LeaderlessNomad> {
  const binary = findNomad();
  if (binary === null) throw new Error("There is no Nomad here: sh test/nomad/build.sh makes one.");
  await using cleanUp = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "serai-nomad-"));
  cleanUp.defer(() => rm(directory, { recursive: true, force: true }));
  const [http = 0, rpc = 0, serf = 0] = await freePorts(3);
  const config = {
    ...commonConfig(join(directory, "data"), "alone", { http, rpc, serf }, { dockerHost: null, gpus: null }),
    server: { ...serverRole, bootstrap_expect: 3 },
  };
  const file = join(directory, "alone.json");
  await writeFile(file, JSON.stringify(config));
  const child = spawn(binary, ["agent", "-config", file], { env: { PATH: process.env["PATH"], HOME: directory }, stdio: "ignore" });
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  };
  cleanUp.defer(kill);
  const address = `http://127.0.0.1:${http}`;
  const answers = (): Promise<boolean> =>
    fetch(`${address}/v1/agent/health`).then(
      () => true,
      () => false,
    );
  const deadline = Date.now() + 60_000;
  while (!(await answers())) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error("A server of Nomad did not come up.");
    await pause();
  }
  const owned = cleanUp.move();
  return { address, kill, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
