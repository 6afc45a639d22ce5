/**
 * The entries of one directory as far as somebody scrolled: pages in order, each read after the end of the one before it, so
 * that 100,000 files cost what is looked at.
 *
 * Noticing what others changed is cheap: the page that is on the screen, the count and the directory's own time are asked for.
 * Only when one of them differs are the pages read again, from the first to the last one seen, and put in place at once; so
 * nothing is blank meanwhile, and nothing is shown twice or left out because a name moved between two pages.
 */
import type { Ask } from "../../connection/operations.ts";
import { FilePageDocument, type FileItemFragment, type FileOrder } from "../../gql/graphql.ts";

export type FileItem = FileItemFragment;
export type Place = { readonly folderId: string; readonly path: string; readonly order: FileOrder; readonly nameContains: string };
export type Entries = {
  readonly files: readonly FileItem[];
  /** How many there are, read or not. */
  readonly total: number;
  readonly isComplete: boolean;
  /** Nothing is known before the first answer. */
  readonly known: boolean;
  readonly problem: unknown;
};

export type Listing = {
  readonly get: () => Entries;
  readonly subscribe: (listener: () => void) => () => void;
  /** Reads until the entry with this index is there, or there are no more. */
  readonly want: (index: number) => Promise<void>;
  /** Looks whether anything changed; `index` is the first entry on the screen, `last` the last one. */
  readonly look: (index: number, last: number) => Promise<void>;
  /** Something did change. */
  readonly reload: (last: number) => Promise<void>;
  /** Where the window was when the directory was left. */
  scrollTop: number;
};

type Page = { readonly files: readonly FileItem[]; readonly after: string | null; readonly endCursor: string | null; readonly hasNext: boolean };
type Answer = { readonly page: Page; readonly total: number; readonly modifiedAt: string | null };

/** As many as the server gives at once. */
const pageSize = 200;
const nothing: Entries = { files: [], total: 0, isComplete: false, known: false, problem: undefined };

export function openListing(ask: Ask, place: Place): Listing {
  const listeners = new Set<() => void>();
  let pages: readonly Page[] = [];
  let modifiedAt: string | null = null;
  let entries = nothing;
  let working: Promise<void> = Promise.resolve();
  let reloading: Promise<void> | null = null;

  const tell = (next: Entries): void => {
    entries = next;
    for (const listener of listeners) listener();
  };
  const show = (shown: readonly Page[], answer: Answer): void => {
    pages = shown;
    modifiedAt = answer.modifiedAt;
    const isComplete = !(pages.at(-1)?.hasNext ?? false);
    const files = pages.flatMap((page) => page.files);
    tell({ files, total: isComplete ? files.length : Math.max(answer.total, files.length), isComplete, known: true, problem: undefined });
  };

  /** One thing after the other, so that no answer is put beside pages that it does not belong to. */
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    working = working.then(work).catch((thrown: unknown) => tell({ ...entries, problem: thrown }));
    return working;
  };
  const readMore = async (index: number): Promise<void> => {
    while (!entries.isComplete && entries.files.length <= index) {
      const answer = await readPage(ask, place, pages.at(-1)?.endCursor ?? null);
      show([...pages, answer.page], answer);
    }
  };
  const readAnew = async (last: number): Promise<void> => {
    const anew: Page[] = [];
    let count = 0;
    let answer: Answer;
    do {
      answer = await readPage(ask, place, anew.at(-1)?.endCursor ?? null);
      anew.push(answer.page);
      count += answer.page.files.length;
    } while (answer.page.hasNext && count <= last);
    show(anew, answer);
  };

  return {
    get: () => entries,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    want: (index) => inTurn(() => readMore(index)),
    look: (index, last) =>
      inTurn(async () => {
        const seen = pageAt(pages, index);
        if (seen === undefined) return readAnew(last);
        const answer = await readPage(ask, place, seen.after);
        const same =
          answer.modifiedAt === modifiedAt &&
          (entries.isComplete ? answer.total === entries.files.length : answer.total === entries.total) &&
          JSON.stringify(answer.page.files) === JSON.stringify(seen.files);
        if (same) {
          if (entries.problem !== undefined) tell({ ...entries, problem: undefined });
        } else await readAnew(last);
      }),
    // One that has not begun yet sees everything that a later one would.
    reload: (last) => {
      reloading ??= inTurn(() => {
        reloading = null;
        return readAnew(last);
      });
      return reloading;
    },
    scrollTop: 0,
  };
}

function pageAt(pages: readonly Page[], index: number): Page | undefined {
  let from = 0;
  for (const page of pages) {
    if (index < from + page.files.length) return page;
    from += page.files.length;
  }
  return pages.at(-1);
}

async function readPage(ask: Ask, { folderId, path, order, nameContains }: Place, after: string | null): Promise<Answer> {
  const { folder } = await ask(FilePageDocument, {
    id: folderId,
    path,
    first: pageSize,
    after,
    order,
    nameContains: nameContains === "" ? null : nameContains,
  });
  if (folder === null) throw new Error("There is no such folder.");
  const { edges, pageInfo, totalCount } = folder.files;
  return {
    page: { files: edges.map(({ node }) => node), after, endCursor: pageInfo.endCursor, hasNext: pageInfo.hasNextPage },
    total: totalCount,
    modifiedAt: folder.file?.modifiedAt ?? null,
  };
}
