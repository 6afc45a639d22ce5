/** One folder on a directory of the test's own, without database or API. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFolders } from "../../server/folders/folders.ts";
import type { FileOrder, FilePage, ListKey } from "../../server/folders/list.ts";
import { newId } from "../../server/model/ids.ts";

export async function testFolder() {
  const top = await mkdtemp(join(tmpdir(), "serai-folders-"));
  // A path that climbs out, were one ever followed, ends up in here and not in the machine's own directories.
  const directory = join(top, "1/2/3/4/5/6/7/8");
  await mkdir(directory, { recursive: true });
  const folders = openFolders({ directory: join(directory, "folders") });
  const id = newId("folder");
  await folders.create(id);
  type Paging = {
    path?: string;
    order?: FileOrder;
    nameContains?: string | null;
    first?: number;
    last?: number;
    after?: ListKey | null;
    before?: ListKey | null;
  };
  return {
    folders,
    id,
    /** Where nothing may be read or changed. */
    outside: directory,
    path: folders.pathOf(id),
    write: (path: string, content = "x", ifMatch: string | null = null) => folders.writeFile(id, { path, content, ifMatch }),
    async page({ path = "", order = "NAME_ASC", nameContains = null, first, last, after = null, before = null }: Paging = {}): Promise<FilePage> {
      const window = { after, before, limit: first ?? last ?? 1000, fromEnd: last !== undefined };
      const page = await folders.list(id, { path, order, nameContains }, window);
      if (!page.ok) throw new Error(page.refusal.message);
      return page.value;
    },
    [Symbol.asyncDispose]: () => rm(top, { recursive: true, force: true }),
  };
}

export const namesOf = ({ files }: FilePage): readonly string[] => files.map(({ name }) => name);
