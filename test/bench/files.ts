/**
 * A page of a folder with 100,000 files, as the console asks for it, over HTTP and GraphQL: the first, which reads the directory, and
 * those that follow. By name every page only looks at its own files; by size all are looked at once, and then for some seconds no more.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { graphqlOf, type Fields } from "../support/graphql.ts";
import { inParallel } from "../../server/folders/in-parallel.ts";
import { npmStart, openPlace } from "./npm-start.ts";
import type { Part, Row } from "./part.ts";
import { inMilliseconds, percentile } from "./statistics.ts";

const fileCount = 100_000;
const pageSize = 100;
const pages = 200;

const create = 'mutation { createFolder(input: { name: "many", usage: GENERAL }) { ... on CreateFolderSuccess { folder { id } } } }';
const page = `query ($id: ID!, $order: FileOrder!, $after: String) { folder(id: $id) { files(first: ${pageSize}, order: $order, after: $after) {
  totalCount edges { node { path name kind size modifiedAt etag warning } } pageInfo { endCursor } } } }`;

export const files: Part = {
  name: "files",
  missing: () => null,
  async measure(opened) {
    const place = await openPlace(opened, { SERAI_EXAMPLES: "0" });
    const serai = await npmStart(opened, place);
    const api = opened.use(graphqlOf(serai));
    const { createFolder } = await api.ask(create, {});
    const id = ((createFolder as Fields)["folder"] as Fields)["id"] as string;
    const names = Array.from({ length: fileCount }, (_, index) => `file-${String(index).padStart(6, "0")}`);
    await inParallel(64, names, (name) => writeFile(join(place.dataDirectory, "folders", id, name), ""));
    return [...(await leaf("NAME_ASC")), ...(await leaf("SIZE_DESC"))];

    async function leaf(order: string): Promise<Row[]> {
      const durations: number[] = [];
      let after: string | null = null;
      for (let number = 0; number <= pages; number += 1) {
        const begun = performance.now();
        const data: Fields = await api.ask(page, { id, order, after });
        durations.push(performance.now() - begun);
        const list = (data["folder"] as Fields)["files"] as Fields;
        if (list["totalCount"] !== fileCount) throw new Error(`the list has ${String(list["totalCount"])} files`);
        after = (list["pageInfo"] as Fields)["endCursor"] as string;
      }
      const [first = Number.NaN, ...others] = durations;
      const name = `a page of ${pageSize} out of ${fileCount} files, ${order}`;
      return [
        { name: `${name}, the first`, figure: inMilliseconds(first), aim: "" },
        { name: `${name}, p50 of the next ${pages}`, figure: inMilliseconds(percentile(others, 0.5)), aim: "under 50 ms" },
        { name: `${name}, p99`, figure: inMilliseconds(percentile(others, 0.99)), aim: "under 50 ms" },
      ];
    }
  },
};
