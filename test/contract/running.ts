/** Submitting a session: it runs once, with the environment of the contract and nothing else, and answers at its address. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Bench, publish, serves, urlOf } from "./bench.ts";
import { ownSecret } from "./harness.ts";

const text = async (url: string): Promise<string> => (await fetch(url)).text();

const variablesAt = async (url: string): Promise<Map<string, string>> =>
  new Map((await text(url)).split("\n").map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));

export function describeRunning(bench: () => Bench): void {
  describe("running", () => {
    it("a submitted session runs and answers real HTTP at the address it reports", async () => {
      const { session, submit, observed, harness } = bench();
      const id = await submit(session(`${publish("greeting", "echo good morning")}\n${harness.serve}`));
      const observation = await observed.until(id, serves, "serving");
      await expect.poll(() => text(`${urlOf(observation)}/greeting`), { timeout: 20_000 }).toBe("good morning\n");
      expect(observation).toMatchObject({ state: "RUNNING", retryAt: null, unplaced: null, lastExit: null });
      expect(observation.node?.name).toBeTruthy();
      expect(observation.attempt).toBeTruthy();
      expect(observation.events.map(({ kind }) => kind)).toContain("STARTED");
    });

    it("submitting it again, at the same time or later, starts no second process", async () => {
      const { session, submit, scheduler, observed, harness } = bench();
      const wanted = session(`${publish("x", "echo x")}\n${harness.serve}`);
      await Promise.all([submit(wanted), submit(wanted), submit(wanted)]);
      const first = await observed.until(wanted.id, serves, "serving");
      await expect.poll(() => harness.processesOf(wanted.id), { timeout: 20_000 }).toHaveLength(1);
      const processes = await harness.processesOf(wanted.id);
      await scheduler.submit(wanted);
      expect(await harness.processesOf(wanted.id)).toEqual(processes);
      expect(observed.newest(wanted.id)).toMatchObject({ attempt: first.attempt, address: first.address });
    });

    it("a session is told its port, its model folder, its own directory and its id, and works inside the model folder", async () => {
      const { session, run, harness } = bench();
      const folder = harness.sessionDefaults.mounts[0].source;
      await writeFile(join(folder, "note.txt"), "from the model folder");
      const script = [
        publish("env", "env"),
        publish("pwd", "pwd -P"),
        publish("note", 'cat "$MODEL_PATH/note.txt"'),
        publish("here", "cat note.txt"),
        harness.serve,
      ];
      const greeting = 'hello = world\'s "best" $HOME';
      const wanted = session(script.join("\n"), { variables: { GREETING: greeting }, secrets: { SECRET_GREETING: greeting } });
      const { url } = await run(wanted);
      await expect.poll(() => text(`${url}/note`), { timeout: 20_000 }).toBe("from the model folder");
      expect(await text(`${url}/here`)).toBe("from the model folder");
      const variables = await variablesAt(`${url}/env`);
      expect(variables.get("SERAI_SESSION")).toBe(wanted.id);
      expect(variables.get("PORT")).toMatch(/^\d+$/);
      expect(variables.get("GREETING")).toBe(greeting);
      expect(variables.get("SECRET_GREETING")).toBe(greeting);
      expect(variables.get("MODEL_PATH")).toBeTruthy();
      expect(variables.get("SERAI_HOME")).toBeTruthy();
    });

    it("no variable of Serai's own process reaches a session", async () => {
      const { session, run, harness } = bench();
      const { url } = await run(session(`${publish("env", "env")}\n${harness.serve}`));
      await expect.poll(() => text(`${url}/env`), { timeout: 20_000 }).toContain("SERAI_SESSION=");
      const environment = await text(`${url}/env`);
      expect(environment).not.toContain(ownSecret.name);
      expect(environment).not.toContain(ownSecret.value);
      expect(environment).not.toMatch(/^(DATABASE_URL|NOMAD_TOKEN|SERAI_SECRET|SERAI_ADMIN_TOKEN)=/m);
    });

    it("two sessions share the machine, each at an address of its own", async () => {
      const { session, run, harness } = bench();
      const [one, other] = await Promise.all(["one", "other"].map((name) => run(session(`${publish("name", `echo ${name}`)}\n${harness.serve}`))));
      expect(one?.url).not.toBe(other?.url);
      await expect.poll(() => text(`${one?.url}/name`), { timeout: 20_000 }).toBe("one\n");
      await expect.poll(() => text(`${other?.url}/name`), { timeout: 20_000 }).toBe("other\n");
    });
  });
}
