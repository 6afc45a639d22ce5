/** Relay's paging arguments, checked, as a window for the store; and the store's rows as a connection. */
import type { CreationKey, Window } from "../server/store/keyset.ts";
import { badUserInput } from "./errors.ts";

type PageArguments = {
  readonly first?: number | null | undefined;
  readonly last?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly before?: string | null | undefined;
};

export type KeyCodec<Key> = { encode(key: Key): string; decode(cursor: string): Key | null };

type Connection<Node> = {
  readonly edges: { readonly cursor: string; readonly node: Node }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
};

const pageSizeMax = 200;
const pageSizeDefault = 100;

/** `first` from the beginning, `last` from the end; edges are oldest first either way, as Relay wants it. */
export async function readPage<Key, Node>(
  args: PageArguments,
  codec: KeyCodec<Key>,
  keyOf: (node: Node) => Key,
  read: (window: Window<Key>) => Promise<readonly Node[]>,
): Promise<Connection<Node>> {
  const first = sizeOf("first", args.first);
  const last = sizeOf("last", args.last);
  if (first !== null && last !== null) throw badUserInput("Give first or last, not both.");
  const fromEnd = last !== null;
  const size = last ?? first ?? pageSizeDefault;
  const after = keyAt("after", args.after, codec);
  const before = keyAt("before", args.before, codec);

  // One more than asked for tells whether there are more.
  const rows = await read({ after, before, limit: size + 1, fromEnd });
  const more = rows.length > size;
  const shown = fromEnd ? rows.slice(more ? 1 : 0) : rows.slice(0, size);
  const edges = shown.map((node) => ({ cursor: codec.encode(keyOf(node)), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: fromEnd ? before !== null : more,
      hasPreviousPage: fromEnd ? more : after !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

function sizeOf(name: string, value: number | null | undefined): number | null {
  if (value === null || value === undefined) return null;
  if (value < 0 || value > pageSizeMax) throw badUserInput(`${name} must be 0 to ${pageSizeMax}.`);
  return value;
}

export function keyAt<Key>(name: string, cursor: string | null | undefined, codec: KeyCodec<Key>): Key | null {
  if (cursor === null || cursor === undefined) return null;
  const key = codec.decode(cursor);
  if (key === null) throw badUserInput(`${name} must be a cursor that this list has given.`);
  return key;
}

export const creationCursor: KeyCodec<CreationKey> = {
  encode: ({ createdAt, id }) => `${createdAt.getTime().toString(36)}.${id}`,
  decode: (cursor) => {
    const [, time, id] = /^([0-9a-z]{1,9})\.([a-z]+_[a-z2-7]{20})$/.exec(cursor) ?? [];
    return time === undefined || id === undefined ? null : { createdAt: new Date(Number.parseInt(time, 36)), id };
  },
};

/** Ids of events are numbers from one sequence; so are those of a service's revisions. */
export const numberCursor: KeyCodec<number> = {
  encode: String,
  decode: (cursor) => (/^\d{1,15}$/.test(cursor) ? Number(cursor) : null),
};
