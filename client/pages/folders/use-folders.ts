/** All folders of the project, those in the trash as well, kept up to date while somebody looks. */
import { useCallback } from "react";
import { useFresh, type Fresh } from "../../connection/fresh.ts";
import { useQuestion, type Ask } from "../../connection/operations.ts";
import { FoldersDocument, type FolderItemFragment } from "../../gql/graphql.ts";

export type AllFolders = { readonly live: readonly FolderItemFragment[]; readonly trashed: readonly FolderItemFragment[] };

const everyMs = 5_000;

export function useFolders(): Fresh<AllFolders> {
  const ask = useQuestion();
  const read = useCallback(async (): Promise<AllFolders> => {
    const [live, trashed] = await Promise.all([readAll(ask, false), readAll(ask, true)]);
    return { live, trashed };
  }, [ask]);
  return useFresh("folders", read, everyMs);
}

async function readAll(ask: Ask, trashed: boolean): Promise<readonly FolderItemFragment[]> {
  const folders: FolderItemFragment[] = [];
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof readPage>> = await readPage(ask, trashed, after);
    folders.push(...page.edges.map(({ node }) => node));
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null);
  return folders;
}

const readPage = async (ask: Ask, trashed: boolean, after: string | null) => (await ask(FoldersDocument, { trashed, after })).folders;
