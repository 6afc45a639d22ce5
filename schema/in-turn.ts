/**
 * Costly fields of one document: one after the other, and not more than so many at the same time. Aliases and lists multiply what a
 * document asks for, and neither its length nor its fields show it (server/api/limits.ts): a thousand texts of 1 MiB would be a gigabyte.
 */
import { createContextCache } from "@pothos/core";
import type { Context } from "./context.ts";
import { badUserInput } from "./errors.ts";

/** @param what in the plural, as the message has it. */
export function inTurn(countMax: number, what: string): <T>(context: Context, work: () => Promise<T>) => Promise<T> {
  const stateOf = createContextCache(() => ({ waiting: 0, last: Promise.resolve() as Promise<unknown> }));
  return (context, work) => {
    const state = stateOf(context);
    if (state.waiting >= countMax) throw badUserInput(`One document may ask for ${countMax} ${what}.`);
    state.waiting += 1;
    const mine = state.last.then(work).finally(() => (state.waiting -= 1));
    state.last = mine.catch(() => {});
    return mine;
  };
}
