/** What an installation's catalogue begins with: each version is one that an administrator could have made, and its command one that a shell can run. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { definitionWithoutFile } from "../../server/model/effective-definition.ts";
import { containerSeeds, hostSeed, type EnvironmentSeed } from "../../server/model/environment-seeds.ts";
import { environmentWish, needProblems } from "../../server/model/environment.ts";
import { modelDefinition, servedModel } from "../../server/model/model-definition.ts";
import { startScript } from "../../server/model/start-script.ts";

const seeds = [...containerSeeds, hostSeed];
const nameOf = ({ runtime, version }: EnvironmentSeed) => `${runtime} ${version}`.trim();
const withCommand = seeds.filter(({ defaultService }) => defaultService !== null);
const scriptOf = (seed: EnvironmentSeed): string => {
  const definition = definitionWithoutFile({ name: nameOf(seed), defaultService: seed.defaultService, folderName: "tiny-llama" });
  if (definition === null) throw new Error("it has no command");
  expect(modelDefinition.parse(definition)).toEqual(definition);
  return startScript(servedModel(definition), null);
};

test("names and keys are different ones, and images name a version", () => {
  expect(new Set(seeds.map(nameOf)).size).toBe(seeds.length);
  expect(new Set(seeds.map(({ key }) => key)).size).toBe(seeds.length);
  for (const { image } of containerSeeds) expect(image).toMatch(/:[^:/]*\d[^:/]*$/);
});

test.for(seeds)("$key is what an administrator could have made, and usually gets what it needs", (seed) => {
  const { key: _key, defaultService, ...rest } = seed;
  const startCommand = defaultService?.start_command ?? "";
  const serving = defaultService && { startCommand, port: defaultService.port, healthPath: defaultService.health_check?.path ?? null };
  const asked = { ...structuredClone(rest), defaultService: serving } as Parameters<typeof environmentWish.parse>[0];
  expect(environmentWish.parse(asked)).toEqual({ ...rest, defaultService });
  expect(needProblems({ name: seed.runtime, needs: seed.needs }, seed.usualResources)).toEqual([]);
});

test.for(withCommand)("$key serves a folder without a definition by a command that a shell understands", (seed) => {
  execFileSync("sh", ["-n"], { input: scriptOf(seed) });
  execFileSync("sh", ["-n"], { input: String(seed.defaultService?.start_command) });
});

test("llama.cpp serves the one model of the folder, the first of its parts, and says how many there are where it is not one", () => {
  const directory = mkdtempSync(join(tmpdir(), "serai-gguf-"));
  try {
    const server = join(directory, "llama-server");
    writeFileSync(server, '#!/bin/sh\nprintf "%s\\n" "$@"\n');
    chmodSync(server, 0o755);
    const command = String(containerSeeds.find(({ key }) => key === "llama.cpp-b7018")?.defaultService?.start_command);
    const served = (...files: string[]): string => {
      const folder = mkdtempSync(join(directory, "my models "));
      for (const file of files) writeFileSync(join(folder, file), "");
      mkdirSync(join(folder, "old.gguf"));
      try {
        const env = { PATH: process.env["PATH"], MODEL_PATH: folder, MODEL_NAME: "tiny", PORT: "8080" };
        const said = execFileSync("sh", ["-c", command.replace("/app/llama-server", `"${server}"`)], { env, stdio: "pipe" }).toString();
        return said.replaceAll(`${folder}/`, "").split("\n").slice(0, 4).join(" ");
      } catch (thrown) {
        return String((thrown as { stderr: Buffer }).stderr)
          .replaceAll(`${folder}/`, "")
          .trim();
      }
    };
    const one = "--model tiny.gguf --alias tiny";
    expect(served("tiny.gguf", "config.json")).toBe(one);
    expect(served("tiny.gguf", "mmproj-tiny.gguf")).toBe(one);
    expect(served("large-00001-of-00002.gguf", "large-00002-of-00002.gguf")).toBe("--model large-00001-of-00002.gguf --alias tiny");
    const refused = (count: number) => `The folder must hold one model as .gguf, not ${count}. A model-definition.yml can name one of several.`;
    expect(served("a.gguf", "b.gguf")).toBe(refused(2));
    expect(served("model.safetensors")).toBe(refused(0));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
