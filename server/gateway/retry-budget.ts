/**
 * How much may be asked once more, so that an outage does not become three times the load: a fifth of a service's requests over the last
 * 10 seconds, 10 besides, and as many as are under way, for a route that dies fails all of its requests at once and none of them is to be
 * lost. Attempts of which nothing was sent are not counted: no model has worked on them.
 */
export type RetryBudget = { windowAtMs: number; requests: number; retries: number; requestsBefore: number; retriesBefore: number };

const windowMs = 5000;
const share = 0.2;
const always = 10;

export const newRetryBudget = (): RetryBudget => ({ windowAtMs: 0, requests: 0, retries: 0, requestsBefore: 0, retriesBefore: 0 });

/** Two windows, so that it is never less than one of them. */
function advance(budget: RetryBudget, nowMs: number): void {
  const passed = nowMs - budget.windowAtMs;
  if (passed < windowMs) return;
  budget.requestsBefore = passed < 2 * windowMs ? budget.requests : 0;
  budget.retriesBefore = passed < 2 * windowMs ? budget.retries : 0;
  budget.requests = 0;
  budget.retries = 0;
  budget.windowAtMs = nowMs;
}

export function noteRequest(budget: RetryBudget, nowMs: number): void {
  advance(budget, nowMs);
  budget.requests += 1;
}

/** Counts the retry where there is one. @param underWay requests of the service. */
export function takeRetry(budget: RetryBudget, underWay: number, nowMs: number): boolean {
  advance(budget, nowMs);
  const { requests, requestsBefore, retries, retriesBefore } = budget;
  if (retries + retriesBefore >= share * (requests + requestsBefore) + always + underWay) return false;
  budget.retries += 1;
  return true;
}
