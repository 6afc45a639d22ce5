/** What of a rollout is counted and said: pure. */
import type { RolloutItemFragment, RouteItemFragment } from "../../gql/graphql.ts";

export const isLive = ({ status }: RolloutItemFragment): boolean => status === "ROLLING" || status === "REVERTING";

/** On the way back, it is the revision that it came from whose routes count. */
const goalOf = ({ status, fromRevision, toRevision }: RolloutItemFragment) => (status === "REVERTING" ? fromRevision : toRevision);

/** Of the goal's routes, how many serve. A restart's are of the same revision as the ones they replace, and only younger. */
export function servingOf(rollout: RolloutItemFragment, routes: readonly RouteItemFragment[]): number {
  const goal = goalOf(rollout);
  const isRestart = rollout.kind === "RESTART" && rollout.status === "ROLLING";
  const counts = (route: RouteItemFragment): boolean => !isRestart || Date.parse(route.createdAt) >= Date.parse(rollout.createdAt);
  return routes.filter((route) => route.status === "HEALTHY" && route.revision.id === goal.id && counts(route)).length;
}

export function servingInWords(rollout: RolloutItemFragment, serving: number, desired: number): string {
  const routes = `${serving} of ${desired} ${desired === 1 ? "route" : "routes"}`;
  const isRestart = rollout.kind === "RESTART" && rollout.status === "ROLLING";
  return isRestart ? `${routes} restarted and healthy` : `${routes} healthy on revision ${goalOf(rollout).number}`;
}

export function titleOf({ kind, fromRevision, toRevision }: RolloutItemFragment): string {
  if (kind === "RESTART") return `Restart on revision ${toRevision.number}`;
  const what = kind === "ROLLBACK" ? "Roll back" : "Rollout";
  return `${what}: revision ${fromRevision.number} → revision ${toRevision.number}`;
}

/** Blue-green: there is no share in between. */
export const isOnlyHeld = ({ stepCount, weight }: Pick<RolloutItemFragment, "stepCount" | "weight">): boolean => stepCount === 1 && weight === 0;

/** Where it stands, in a sentence; null where there is nothing to wait for but the routes. */
export function stepInWords({ status, step, stepCount, weight, toRevision, awaitsPromotion }: RolloutItemFragment): string | null {
  if (status !== "ROLLING" || step >= stepCount || weight === null) return null;
  const share =
    weight === 0 ? `no requests go to revision ${toRevision.number} yet` : `${weight}% of the requests go to revision ${toRevision.number}`;
  if (isOnlyHeld({ stepCount, weight })) return `No requests go to revision ${toRevision.number} yet: it waits until somebody promotes it.`;
  return `Step ${step + 1} of ${stepCount}: ${share}${awaitsPromotion ? ", until somebody promotes it" : ""}.`;
}

export const whyReverted = ({ failure, reason }: RolloutItemFragment): string => failure?.message ?? reason;

export function endInWords(rollout: RolloutItemFragment): string {
  const { status, kind, fromRevision, toRevision, reason } = rollout;
  if (status === "REVERTED") {
    const what = kind === "RESTART" ? "The restart" : `Revision ${toRevision.number}`;
    return `${what} was taken back, and revision ${fromRevision.number} serves again. ${whyReverted(rollout)}`;
  }
  if (status === "SUPERSEDED") return `The rollout of revision ${toRevision.number} was ended. ${reason}`;
  return kind === "RESTART" ? "Every route was restarted." : `Every route went over to revision ${toRevision.number}.`;
}

/** Why it goes as it does; what a step says of itself is said by the steps. */
export function wayInWords(rollout: RolloutItemFragment): string {
  const { mode, policy, reason } = rollout;
  if (mode === "SURGE" && Number.parseInt(String(policy.maxSurge), 10) === 0)
    return "In place, because its policy allows no extra routes: each new route takes over where one ends, and requests wait meanwhile.";
  const way =
    mode === "SURGE"
      ? "Beside what serves: an old route ends only when a new one is healthy."
      : "In place: each new route takes over where one ends, and requests wait meanwhile.";
  return stepInWords(rollout) !== null || reason === "" ? way : `${way} ${reason}`;
}

/** The revisions that callers may meet: one that waits without requests is healthy, and serves nobody yet. */
export function servingRevisions(routes: readonly RouteItemFragment[], rollout: RolloutItemFragment | null): ReadonlySet<string> {
  const unused = rollout?.status === "ROLLING" && rollout.weight === 0 ? rollout.toRevision.id : null;
  return new Set(routes.filter(({ status, revision }) => status === "HEALTHY" && revision.id !== unused).map(({ revision }) => revision.id));
}
