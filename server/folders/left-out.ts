/** What an archive does not hold, and why: as a text at its end, so that nobody believes that it is everything. */
import type { ArchiveEntry } from "./archive.ts";
import { look, type Root } from "./walk.ts";

/** More are only counted. */
const namedMax = 10_000;

export type LeftOut = {
  add(path: string, why: string): void;
  /** Null: nothing was left out. @param root what is packed. @param name what its entries begin with. */
  entry(root: Root, name: string): Promise<ArchiveEntry | null>;
};

export function createLeftOut(): LeftOut {
  const lines: string[] = [];
  let count = 0;
  return {
    add(path, why) {
      count += 1;
      // A name may hold a line break.
      if (count <= namedMax) lines.push(`${path.replaceAll(/\p{Cc}/gu, "\uFFFD")}: ${why}`);
    },
    async entry(root, name) {
      if (count === 0) return null;
      const more = count > namedMax ? [`and ${count - namedMax} more`] : [];
      const content = Buffer.from(`Not in this archive:\n${[...lines, ...more].join("\n")}\n`);
      return {
        kind: "file",
        path: `${name}/${await freeName(root)}`,
        mode: 0o644,
        mtime: new Date(),
        size: content.length,
        content: (async function* () {
          yield content;
        })(),
      };
    },
  };
}

async function freeName(root: Root): Promise<string> {
  for (let turn = 1; ; turn += 1) {
    const name = turn === 1 ? "LEFT-OUT.txt" : `LEFT-OUT-${turn}.txt`;
    if ((await look(root.handle, name)) === null) return name;
  }
}
