/**
 * `npm run check`: everything that can be known of the sources without running Serai. What is found is printed, and at the
 * end one line with the numbers; `npm run check -- --fix` first repairs what the tools can repair themselves.
 *
 * The boundaries between folders are no item here: they are a test (test/architecture.test.ts), because it says why.
 * Configuration of the linter and of the formatter lies beside this file; what neither may touch is named once, below.
 */
import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

type Finding = { readonly ok: boolean; readonly output: string };
type Check = { readonly name: string; readonly look: () => Promise<Finding> };

const root = fileURLToPath(new URL("..", import.meta.url));

/** Made by tools, except for the tables: there one column a line is the point, however long its chain of calls. */
const untouched = [
  "client/gql",
  "client/dist",
  "drizzle/migrations",
  "drizzle/tables",
  "schema/schema.graphql",
  "schema/model-definition.schema.json",
  "package-lock.json",
  "test/scheduler/golden",
];
const lint = ["oxlint", "--config", "bin/oxlint.json", ...untouched.map((path) => `--ignore-pattern=${path}`)];
const format = ["oxfmt", "--config", "bin/oxfmt.json", ".", ...untouched.map((path) => `!${path}`)];
const codegen = ["graphql-codegen", "--config", "codegen.ts"];

const checks: readonly Check[] = [
  { name: "types of the server, the tests and the tools", look: () => tool("tsc", "--project", "tsconfig.json") },
  { name: "types of the console", look: () => tool("tsc", "--project", "client/tsconfig.json") },
  { name: "lint", look: () => tool(...lint) },
  { name: "format", look: () => tool(...format, "--list-different") },
  { name: "dead code and undeclared packages", look: () => tool("knip") },
  { name: "schema/schema.graphql is what schema/ says", look: () => tool("node", "bin/print-schema.ts", "--check") },
  { name: "schema/model-definition.schema.json is what server/model says", look: () => tool("node", "bin/print-definition-schema.ts", "--check") },
  { name: "client/gql is what schema.graphql and the console's operations say", look: () => tool(...codegen, "--check") },
  { name: "drizzle/migrations lead to what drizzle/tables say", look: migrationsLeadToTables },
];

if (process.argv.includes("--fix")) {
  for (const repair of [["node", "bin/print-schema.ts"], ["node", "bin/print-definition-schema.ts"], codegen, [...lint, "--fix"], format])
    await tool(...repair);
}
process.exitCode = (await report(checks)) ? 0 : 1;

async function report(items: readonly Check[]): Promise<boolean> {
  const findings = new Map<Check, Finding>();
  const waiting = [...items];
  const work = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      const finding = await item.look();
      findings.set(item, finding);
      console.log(`${finding.ok ? "passed" : "FAILED"}  ${item.name}`);
      if (!finding.ok) console.log(finding.output.replace(/^/gm, "        "));
    }
  };
  await Promise.all(cpus().map(work));
  const failed = [...findings.values()].filter(({ ok }) => !ok).length;
  console.log(`${items.length - failed} checks passed, ${failed} failed`);
  return failed === 0;
}

/** Runs a program of node_modules/.bin. */
function tool(...[name = "", ...args]: readonly string[]): Promise<Finding> {
  const directory = join(root, "node_modules", ".bin");
  const env = { ...process.env, PATH: `${directory}:${process.env["PATH"]}`, NO_COLOR: "1" };
  return new Promise((resolve) => {
    const child = execFile(join(directory, name), args, { cwd: root, env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) =>
      resolve({ ok: error === null, output: `${stdout}${stderr}`.trimEnd() || (error?.message ?? "") }),
    );
    // A tool that would rather ask (drizzle-kit, about renamed columns) is to fail instead.
    child.stdin?.end();
  });
}

/** Generates into a copy: a migration that appears there is one that is missing here. */
async function migrationsLeadToTables(): Promise<Finding> {
  const copy = await mkdtemp(join(tmpdir(), "serai-migrations-"));
  try {
    await cp(join(root, "drizzle/migrations"), copy, { recursive: true });
    const before = await readdir(copy);
    const places = ["--schema", "drizzle/tables/*.ts", "--out", relative(root, copy)];
    const generated = await tool("drizzle-kit", "generate", "--dialect", "postgresql", ...places);
    const added = (await readdir(copy)).filter((file) => !before.includes(file));
    if (generated.ok && added.length === 0) return generated;
    return { ok: false, output: `${generated.output}\nnpm run migrate makes the migration that is missing.` };
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}
