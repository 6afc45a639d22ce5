/**
 * Which revision gets the next request while a new one is being tried out with a share of the traffic.
 *
 * An account for each service, in per cent of a request: every request pays in the weight, and what makes it full goes to the new revision.
 * So the share is kept exactly and evenly (of any 100 requests in a row, with weight 10, 10), also when the weight changes on the way.
 * Rejected: drawing lots, with which a canary of 1 per cent may go for a quarter of an hour without a request, or get five in a second.
 *
 * Each gateway counts for itself. Only requests that have the choice count: what one revision gets because the other has no healthy route
 * is owed to nobody, and is not made up for in a burst.
 */
import type { ServiceId } from "../model/ids.ts";
import type { RouteTable } from "./route-table.ts";

export type Weights = {
  /** Counts the request. `weight`: per cent of the requests for the new revision. */
  isForNew(id: ServiceId, weight: number): boolean;
  /** Closes the accounts of services that try nothing out. */
  retain(table: RouteTable): void;
};

/** @param paid from 0 to 99: what earlier requests left in the account. */
export function payIn(paid: number, weight: number): { readonly isForNew: boolean; readonly paid: number } {
  const sum = paid + weight;
  return sum >= 100 ? { isForNew: true, paid: sum - 100 } : { isForNew: false, paid: sum };
}

export function openWeights(): Weights {
  const accounts = new Map<ServiceId, number>();
  return {
    isForNew(id, weight) {
      const { isForNew, paid } = payIn(accounts.get(id) ?? 0, weight);
      accounts.set(id, paid);
      return isForNew;
    },
    retain(table) {
      for (const id of accounts.keys()) if ((table.byId.get(id)?.newWeight ?? null) === null) accounts.delete(id);
    },
  };
}
