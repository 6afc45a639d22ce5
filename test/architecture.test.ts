/**
 * The map of the sources: which folder may know which, and why. Types count as well, because a type that crosses a
 * boundary brings its words along.
 *
 * Two lines carry the design: schema reaches neither scheduler nor control, and gateway reaches neither of them nor schema.
 */
import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Folder -> the folders of ours that it may import besides itself; the server's leaves are open to the whole server. */
const mayImport: Record<string, { readonly folders: readonly string[]; readonly why: string }> = {
  "server/model": { folders: [], why: "The vocabulary is pure: it can be read, tested and trusted without anything around it." },
  drizzle: { folders: ["server/model"], why: "Tables speak the vocabulary; what is done with them is the store's." },
  "server/store": { folders: ["server/model", "drizzle"], why: "The only writer of SQL knows rows, not who asks for them." },
  "server/scheduler": { folders: ["server/model"], why: "It runs sessions for anybody: it takes values, and reports values." },
  "server/auth": { folders: ["server/model", "server/store"], why: "Who may do what depends on keys and tokens, on nothing that runs." },
  "server/folders": { folders: ["server/model", "server/store"], why: "Files are outside of what the schedulers and the API decide." },
  "server/control": {
    folders: ["server/model", "server/store", "server/scheduler"],
    why: "Only control acts on a wish; whom the wish came from is not its business.",
  },
  schema: {
    folders: ["server/model", "server/store", "server/auth", "server/folders"],
    why: "A mutation can only write a wish: with no way to a scheduler or to control, nothing can be done behind control's back.",
  },
  "server/api": {
    folders: ["schema", "server/model", "server/store", "server/auth", "server/folders"],
    why: "It carries the schema over HTTP and WebSocket, and acts no more than the schema does.",
  },
  "server/gateway": {
    folders: ["server/model", "server/store", "server/auth"],
    why: "It keeps serving while scheduler, control and API are down, and so it cannot need them.",
  },
  client: {
    // Data, not sources: the JSON Schema that any editor can use is what the console's editor completes and explains by.
    folders: ["schema/model-definition.schema.json"],
    why: "The console knows the API by its schema (client/gql), not by the server's sources.",
  },
};
const leaves = [
  "server/config.ts",
  "server/gateway-config.ts",
  "server/failure.ts",
  "server/ask-health.ts",
  "server/log.ts",
  "server/metrics.ts",
  "server/data-directory.ts",
];

const sources = globSync(["{drizzle,schema,server,client}/**/*.{ts,tsx}"], { cwd: root, exclude: ["client/dist/**"] }).map((path) => ({
  path,
  folder: Object.keys(mayImport).find((folder) => path.startsWith(`${folder}/`)),
  text: readFileSync(join(root, path), "utf8"),
}));
type Source = (typeof sources)[number];
const inside = (folder: string, path: string): boolean => path === folder || path.startsWith(`${folder}/`);
const isTool = ({ path }: Source): boolean => path.endsWith(".config.ts");

/** What a file imports: our own files by their path from the top, packages by their name. */
function importsOf({ path, text }: Source): { readonly ours: readonly string[]; readonly packages: readonly string[] } {
  const imports = /^(?:import|export)\s[^;"'=(]*?\bfrom\s+"([^"]+)"|^import\s+"([^"]+)"|\bimport\(\s*"([^"]+)"/gm;
  const specifiers = [...text.matchAll(imports)].map(([, from, effect, dynamic]) => from ?? effect ?? dynamic ?? "");
  const [ours, packages] = [specifiers.filter((name) => name.startsWith(".")), specifiers.filter((name) => !name.startsWith("."))];
  return { ours: ours.map((name) => normalize(join(dirname(path), name))), packages };
}

/** The files for which `offences` finds something, as lines to read. */
const lines = (offences: (source: Source) => readonly string[]): readonly string[] =>
  sources.flatMap((source) => offences(source).map((offence) => `${source.path} ${offence}`));

describe("whoever reads the sources can rely on it that", () => {
  test.each(Object.entries(mayImport))("%s imports nothing it must not know", (folder, { folders, why }) => {
    const open = [folder, ...folders, ...(folder.startsWith("server/") || folder === "schema" ? leaves : [])];
    const offences = lines((source) =>
      source.folder === folder
        ? importsOf(source)
            .ours.filter((path) => !open.some((one) => inside(one, path)))
            .map((path) => `imports ${path}`)
        : [],
    );
    expect(offences, `${why} It may import ${open.join(", ")}.`).toEqual([]);
  });

  test("the model uses no package but yaml and zod, and nothing of Node but its random numbers and hashes", () => {
    const open = ["yaml", "zod", "node:crypto"];
    const offences = lines((source) => (source.folder === "server/model" ? importsOf(source).packages.filter((name) => !open.includes(name)) : []));
    expect(offences, "The vocabulary has to run anywhere, without effects.").toEqual([]);
  });

  test("the environment is read in one place, from the hands of main", () => {
    const readers = ["server/main.ts", "server/config.ts"];
    const offences = lines((source) =>
      !readers.includes(source.path) && !isTool(source) && /\bprocess\.env\b/.test(source.text) ? ["reads process.env"] : [],
    );
    expect(
      offences,
      "Every setting is parsed, checked and explained in server/config.ts; a setting read elsewhere is a setting nobody knows.",
    ).toEqual([]);
  });

  test("only main, which composes everything, reads the configuration", () => {
    const offences = lines((source) =>
      source.folder !== undefined && importsOf(source).ours.includes("server/config.ts") ? ["imports server/config.ts"] : [],
    );
    expect(offences, "Whatever needs a setting is given it: then it can be tested, and run twice in one process.").toEqual([]);
  });

  test("leaves import no folder but the model", () => {
    const open = [...leaves, "server/model"];
    const offences = lines((source) =>
      leaves.includes(source.path) ? importsOf(source).ours.filter((path) => !open.some((one) => inside(one, path))) : [],
    );
    expect(offences, "A leaf that everybody may import must not bring anything along.").toEqual([]);
  });

  test("SQL is written in store/ and drizzle/ only", () => {
    const databases = /^(postgres|drizzle-orm)(\/|$)/;
    const statement = /\bsql`|["'`]\s*(select\s.+\sfrom|insert\s+into|update\s+\w+\s+set|delete\s+from)\s/i;
    const offences = lines((source) => {
      if (source.folder === "server/store" || source.folder === "drizzle") return [];
      const packages = importsOf(source)
        .packages.filter((name) => databases.test(name))
        .map((name) => `imports ${name}`);
      return statement.test(source.text) ? [...packages, "holds a statement"] : packages;
    });
    expect(offences, "One function, one statement, named after what it does: so that every way to change a row can be found.").toEqual([]);
  });

  test("no file is longer than 300 lines", () => {
    const made = ["client/gql", "drizzle/migrations"];
    const offences = lines(({ path, text }) => {
      const count = text.split("\n").length - 1;
      return count > 300 && !made.some((folder) => inside(folder, path)) ? [`has ${count} lines`] : [];
    });
    expect(offences, "A file is one verb or one aspect of its folder's noun; one that is longer is two.").toEqual([]);
  });
});
