/** What only the local scheduler promises: sessions share its machine, its ports and its files. */
import { once } from "node:events";
import { mkdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Session } from "../../server/model/session.ts";
import { type Bench, openBench, publish, serves, urlOf } from "../contract/bench.ts";
import { openLocalHarness } from "../contract/local-harness.ts";

let bench: Bench;
beforeAll(async () => {
  bench = openBench(await openLocalHarness());
});
afterEach(() => bench.clear());
afterAll(() => bench[Symbol.asyncDispose]());

const sessionDirectory = ({ id, mounts }: Session): string => join(dirname(mounts[0].source), "sessions", id);

describe("a session on this machine", () => {
  it("has an environment of these variables and no others", async () => {
    const wanted = bench.session(`${publish("env", "/usr/bin/env -0")}\n${bench.harness.serve}`, { variables: { MODEL_NAME: "m" } });
    const { url } = await bench.run(wanted);
    const environment = await (await fetch(`${url}/env`)).text();
    const names = environment
      .split("\0")
      .filter(Boolean)
      .map((line) => line.slice(0, line.indexOf("=")));
    // PWD, OLDPWD and _ are the shell's own.
    expect(names.filter((name) => !["PWD", "OLDPWD", "_", "SHLVL"].includes(name)).toSorted()).toEqual([
      "HOME",
      "LANG",
      "MODEL_NAME",
      "MODEL_PATH",
      "PATH",
      "PORT",
      "SERAI_HOME",
      "SERAI_SESSION",
    ]);
  });

  it("has no address before it listens itself", async () => {
    const id = await bench.submit(
      bench.session(`while [ ! -e "$MODEL_PATH/go" ]; do sleep 0.2; done\n${publish("x", "echo x")}\n${bench.harness.serve}`),
    );
    const loading = await bench.observed.until(id, ({ state }) => state === "RUNNING", "running");
    expect(loading.address).toBeNull();
    const go = join(bench.harness.sessionDefaults.mounts[0].source, "go");
    await mkdir(go);
    const serving = await bench.observed.until(id, serves, "serving");
    await rm(go, { recursive: true });
    expect((await fetch(`${urlOf(serving)}/x`)).status).toBe(200);
  });

  it("gets no address when another program listens on its port, and the history says so", async () => {
    const wanted = bench.session("exec sleep 3600");
    const id = await bench.submit(wanted);
    await bench.observed.until(id, ({ state }) => state === "RUNNING", "running");
    const { attempt } = JSON.parse(await readFile(join(sessionDirectory(wanted), "progress.json"), "utf8"));
    const foreign = createServer().listen(attempt.port, "127.0.0.1");
    await once(foreign, "listening");
    const told = await bench.observed.until(id, ({ events }) => events.some(({ kind }) => kind === "NOTE"), "told of it");
    foreign.close();
    expect(told.address).toBeNull();
    expect(told.events.at(-1)?.message).toContain("not the session's");
  });

  it("is found at its port also when a child of it listens there", async () => {
    const { url } = await bench.run(bench.session(`${publish("x", "echo x")}\n(${bench.harness.serve}) &\nwait`));
    expect((await fetch(`${url}/x`)).status).toBe(200);
  });

  it("starts again only when nothing of its last attempt is left", async () => {
    const onlyOnce = 'if [ -e "$SERAI_HOME/tried" ]; then exec sleep 3600; fi; touch "$SERAI_HOME/tried"';
    const id = await bench.submit(bench.session(`${onlyOnce}\nsleep 3600 &\nsetsid sleep 3600 &\nexit 4`));
    await bench.observed.until(id, ({ state, attempt }) => state === "RUNNING" && attempt === "2", "running again");
    expect(await bench.harness.processesOf(id)).toHaveLength(1);
  });

  it("whose model folder is missing says so, and starts by itself once the folder is there", async () => {
    const folder = join(bench.harness.sessionDefaults.mounts[0].source, "later");
    const id = await bench.submit(
      bench.session(`${publish("x", "echo x")}\n${bench.harness.serve}`, { mounts: [{ source: folder, target: "/models", readOnly: false }] }),
    );
    const waiting = await bench.observed.until(id, ({ state }) => state === "BACKING_OFF", "backing off");
    expect(waiting.lastExit?.message).toBe(`Could not be started: the model folder ${folder} is not there.`);
    expect(waiting.events.at(-1)?.kind).toBe("START_FAILED");
    await mkdir(folder);
    await bench.observed.until(id, serves, "serving");
  });

  it("that needs a container waits and says that only host environments run here", async () => {
    const wanted = bench.session("exit 0", { environment: { kind: "CONTAINER", image: "vllm/vllm-openai:v1" } });
    const id = await bench.submit(wanted);
    const { unplaced } = await bench.observed.until(id, ({ state }) => state === "UNPLACED", "unplaced");
    expect(unplaced?.message).toContain("host environments only");
    expect(await bench.scheduler.preview(wanted)).toEqual({ fits: false, unplaced });
  });
});
