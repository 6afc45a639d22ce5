/** Rows of many parents by one query: no list of services costs a query per service. */
import { createContextCache } from "@pothos/core";
import DataLoader from "dataloader";
import { gathering } from "./builder.ts";
import type { Context } from "./context.ts";

/** All rows of a parent, in the order in which `read` gives them. However many fields want the same parent's, it is read once. */
export function gatherByParent<Key, Row>(
  read: (context: Context, parents: readonly Key[]) => Promise<readonly Row[]>,
  parentOf: (row: Row) => Key,
): (context: Context, parent: Key) => Promise<readonly Row[]> {
  const loaderOf = createContextCache(
    (context: Context) =>
      new DataLoader<Key, readonly Row[]>(async (parents) => {
        const rows = Map.groupBy(await read(context, [...new Set(parents)]), parentOf);
        return parents.map((parent) => rows.get(parent) ?? []);
      }, gathering),
  );
  return (context, parent) => loaderOf(context).load(parent);
}

/** Something of which there is one, asked for once however many fields want it at the same time. */
export function gatherOnce<Value>(read: (context: Context) => Promise<Value>): (context: Context) => Promise<Value> {
  const loaderOf = createContextCache(
    (context: Context) =>
      new DataLoader<"one", Value>(async (keys) => {
        const value = await read(context);
        return keys.map(() => value);
      }, gathering),
  );
  return (context) => loaderOf(context).load("one");
}
