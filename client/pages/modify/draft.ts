/** What was changed and not sent, for each service: kept for this tab, like what is typed for a new one. Values of secrets are not. */
import type { ServiceValues } from "../service-form/values.ts";
import { changedKeys } from "./modification.ts";

const keyOf = (serviceId: string): string => `serai-modify-draft ${serviceId}`;

export function readDraft(serviceId: string, before: ServiceValues): ServiceValues {
  try {
    return { ...before, ...(JSON.parse(sessionStorage.getItem(keyOf(serviceId)) ?? "{}") as Partial<ServiceValues>) };
  } catch {
    return before;
  }
}

export function keepDraft(serviceId: string, before: ServiceValues, values: ServiceValues): void {
  const kept = { ...values, variables: values.variables.map((each) => (each.secret ? { ...each, value: "" } : each)) };
  const changed = changedKeys(before, kept);
  if (changed.length === 0) dropDraft(serviceId);
  else sessionStorage.setItem(keyOf(serviceId), JSON.stringify(Object.fromEntries(changed.map((key) => [key, kept[key]]))));
}

export const dropDraft = (serviceId: string): void => sessionStorage.removeItem(keyOf(serviceId));
