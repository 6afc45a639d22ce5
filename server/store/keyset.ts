/**
 * Paging by where the last row was, not by how many came before: inserting and deleting rows while somebody pages neither
 * repeats nor skips one, and every page costs the same.
 */
import { and, asc, desc, sql, type SQL } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";

/** Rows strictly between the two, at most `limit`, from the beginning or the end; given back oldest first all the same. */
export type Window<Key> = {
  readonly after: Key | null;
  readonly before: Key | null;
  readonly limit: number;
  readonly fromEnd: boolean;
};

/** A row's place in the order of creation. */
export type CreationKey = { readonly createdAt: Date; readonly id: string };

type CreatedColumns = { readonly createdAt: PgColumn; readonly id: PgColumn };

export function withinWindow({ createdAt, id }: CreatedColumns, { after, before }: Window<CreationKey>): SQL | undefined {
  const place = (key: CreationKey) => sql`(${key.createdAt.toISOString()}::timestamptz, ${key.id})`;
  return and(
    after === null ? undefined : sql`(${createdAt}, ${id}) > ${place(after)}`,
    before === null ? undefined : sql`(${createdAt}, ${id}) < ${place(before)}`,
  );
}

export function inOrder({ createdAt, id }: CreatedColumns, { fromEnd }: Window<CreationKey>): SQL[] {
  return fromEnd ? [desc(createdAt), desc(id)] : [asc(createdAt), asc(id)];
}

export const oldestFirst = <Row>(rows: Row[], { fromEnd }: Window<unknown>): Row[] => (fromEnd ? rows.toReversed() : rows);

/** Does the name contain the text? In any case; `%` and `_` mean themselves. */
export function contains(column: PgColumn, text: string | null): SQL | undefined {
  return text === null ? undefined : sql`position(lower(${text}) in lower(${column})) > 0`;
}
