import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newId } from "../../server/model/ids.ts";
import { collisionsAtMounts, collisionsInDefinition, mountPathProblem, placeMounts, type MountableFolder } from "../../server/model/mounts.ts";
import { parseModelDefinition } from "../../server/model/parse-definition.ts";
import { variables } from "../../server/model/variables.ts";

const folder = (name: string, more: Partial<MountableFolder> = {}): MountableFolder => ({
  id: newId("folder"),
  name,
  usage: "GENERAL",
  permission: "READ_WRITE",
  ...more,
});

const textWith = (modelPath: string): string => `models:
  - name: m
    model_path: ${modelPath}
    service:
      start_command: [serve]
      port: 8000
`;

function definitionWith(modelPath: string) {
  const parsed = parseModelDefinition(textWith(modelPath));
  if (!parsed.ok) throw new Error(parsed.problems[0].message);
  return parsed.definition;
}

describe("An extra mount", () => {
  test("is at /home/work/<name> unless a path is asked for", () => {
    const [data, corpus] = [folder("data"), folder("corpus")];
    const wishes = [
      { folderId: data.id, path: null, readOnly: true },
      { folderId: corpus.id, path: "/corpus", readOnly: false },
    ];
    expect(placeMounts(wishes, [data, corpus])).toEqual({
      mounts: [
        { folderId: data.id, path: "/home/work/data", readOnly: true },
        { folderId: corpus.id, path: "/corpus", readOnly: false },
      ],
      problems: [],
    });
  });

  test.each([
    ["data", /absolute/],
    ["", /absolute/],
    ["/", /must not be \//],
    ["/data/", /plain path/],
    ["//data", /plain path/],
    ["/data/../etc", /plain path/],
    ["/data/./x", /plain path/],
    ["/data:ro", /colon/],
    ["/a,b", /comma/],
    ["/a\\b", /backslash/],
    ["/a\0b", /NUL/],
    ["/a\nb", /control/],
    ["/a\u0085b", /control/],
    ["/a\ud800", /Unicode/],
    ["/a/${node.class}", /\$\{/],
    ["/etc", /system/],
    ["/etc/nginx", /system/],
    ["/proc/self", /system/],
    ["/secrets/x", /system/],
    ["/local", /system/],
    ["/alloc/data", /system/],
    ["/home", /session's own directory/],
    ["/home/work", /session's own directory/],
    [`/${"a".repeat(256)}`, /255 bytes/],
    [`/${"a/".repeat(600)}a`, /1024 bytes/],
  ])("is refused at %j", (path, problem) => {
    expect(mountPathProblem(path)).toMatch(problem);
  });

  test.each(["/data", "/home/work/data", "/mnt/x y", "/etcetera", "/données", "/opt/x", "/srv/a/b"])("is taken at %j", (path) => {
    expect(mountPathProblem(path)).toBeNull();
  });

  test("neither hides another one nor is hidden by it, in whatever order they come", () => {
    const part = fc.constantFrom("a", "b", "ab");
    const path = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join("/")}`);
    fc.assert(
      fc.property(path, path, (one, other) => {
        const [first, second] = [folder("one"), folder("two")];
        const place = (paths: readonly [string, string]) =>
          placeMounts(
            [first, second].map(({ id }, index) => ({ folderId: id, path: paths[index] ?? "", readOnly: true })),
            [first, second],
          ).problems;
        const hides = one === other || `${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`);
        expect(place([one, other]).map((problem) => problem.path)).toEqual(hides ? ["mounts[1].path"] : []);
        expect(place([other, one])).toHaveLength(hides ? 1 : 0);
      }),
    );
  });

  test("is of a general folder of the project, and writable only where the folder is; everything wrong is said at once", () => {
    const [models, fixed] = [folder("models", { usage: "MODEL" }), folder("fixed", { permission: "READ_ONLY" })];
    const wishes = [
      { folderId: models.id, path: "/one", readOnly: true },
      { folderId: fixed.id, path: "/two", readOnly: false },
      { folderId: newId("folder"), path: "/usr", readOnly: true },
    ];
    expect(placeMounts(wishes, [models, fixed]).problems.map(({ path }) => path)).toEqual([
      "mounts[0].folderId",
      "mounts[1].readOnly",
      "mounts[2].folderId",
      "mounts[2].path",
    ]);
    expect(placeMounts([{ folderId: fixed.id, path: "/two", readOnly: true }], [fixed]).problems).toEqual([]);
  });

  test("is one of 16 at most", () => {
    const data = folder("data");
    const wishes = Array.from({ length: 17 }, (_, index) => ({ folderId: data.id, path: `/data/${index}`, readOnly: true }));
    expect(placeMounts(wishes, [data]).problems).toEqual([{ path: "mounts", message: "must be 16 folders or fewer" }]);
    expect(placeMounts(wishes.slice(1), [data]).problems).toEqual([]);
  });

  test.each([
    ["/models", "/models", "at /models"],
    ["/models/cache", "/models", "under /models"],
    ["/models", "/models/llama", "over /models/llama"],
    ["/models", "/models/", "at /models"],
  ])("at %s is told from a model at %s", (path, modelPath, relation) => {
    const mounts = [{ folderId: newId("folder"), path, readOnly: true }];
    const [atMount] = collisionsAtMounts(definitionWith(modelPath), mounts);
    expect(atMount).toEqual({ path: "mounts[0].path", message: `must not be ${relation}, where the model's folder is mounted` });
    const [inDefinition] = collisionsInDefinition(definitionWith(modelPath), mounts, textWith(modelPath));
    expect(inDefinition).toMatchObject({ path: "models[0].model_path", line: 3, column: 17, message: expect.stringContaining(modelPath) });
  });

  test("beside the model collides with nothing", () => {
    const mounts = [{ folderId: newId("folder"), path: "/models-cache", readOnly: true }];
    expect(collisionsAtMounts(definitionWith("/models"), mounts)).toEqual([]);
  });
});

describe("A variable", () => {
  const problemsOf = (given: readonly { readonly name: string; readonly value: string }[]) => {
    const parsed = variables.safeParse(given.map((one) => ({ ...one, secret: false })));
    return parsed.success ? [] : parsed.error.issues.map((issue) => issue.path.join("."));
  };

  test.each(["PORT", "MODEL_PATH", "MODEL_NAME", "HOME", "SERAI_SESSION", "UID", "OPTIND", "_", "1A", "A-B", "A=B", "", "Ä", "A".repeat(129)])(
    "is not called %j",
    (name) => {
      expect(problemsOf([{ name, value: "x" }])).toEqual(["0.name"]);
    },
  );

  test.each(["/usr/bin", "/opt/tools:/bin", "/usr/bin:/x"])("may be PATH with the value %s", (value) => {
    expect(problemsOf([{ name: "PATH", value }])).toEqual([]);
  });

  test.each(["", "/nope", "/usr/bin/x", "/opt/bin", "usr/bin"])("may not be PATH with the value %j: nothing could be started", (value) => {
    expect(problemsOf([{ name: "PATH", value }])).toEqual(["0.value"]);
    expect(problemsOf([{ name: "MY_PATH", value }])).toEqual([]);
  });

  test.each(["LANG", "HF_TOKEN", "_x", "a", "A".repeat(128)])("may be called %s", (name) => {
    expect(problemsOf([{ name, value: "x" }])).toEqual([]);
  });

  test("is given once, is text without NUL of 32 KiB at most, and is one of 256 of 128 KiB together", () => {
    const twice = ["A", "B", "A"].map((name) => ({ name, value: "" }));
    expect(problemsOf(twice)).toEqual(["2.name"]);
    expect(problemsOf([{ name: "A", value: "a\0b" }])).toEqual(["0.value"]);
    expect(problemsOf([{ name: "A", value: "ä".repeat(16 * 1024) }])).toEqual([]);
    expect(problemsOf([{ name: "A", value: "ä".repeat(16 * 1024 + 1) }])).toEqual(["0.value"]);
    const many = Array.from({ length: 257 }, (_, index) => ({ name: `A${index}`, value: "" }));
    expect(problemsOf(many)).toEqual([""]);
    expect(problemsOf(many.slice(1))).toEqual([]);
    const large = Array.from({ length: 5 }, (_, index) => ({ name: `A${index}`, value: "x".repeat(32_000) }));
    expect(problemsOf(large)).toEqual([""]);
  });
});
