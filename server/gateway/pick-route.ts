/**
 * Which route gets the next request: the one with the fewest requests in flight here, chance among equals.
 *
 * Counting what is outstanding needs no knowledge of the model: a slow route keeps its requests longer and so gets fewer. Its weak spot is
 * a route that fails fast and so always looks idle; routes that just failed therefore come last until they had time to be probed.
 */
export type Load<Route> = {
  readonly outstanding: (route: Route) => number;
  readonly failedLately: (route: Route) => boolean;
  /** It is on the revision that this request is not for: it comes after every one that is, whatever the load. */
  readonly isSecondChoice: (route: Route) => boolean;
  /** From 0 to 1, 1 excluded. */
  readonly random: () => number;
};

/** All of `routes`, best first; the second is where a request is retried. */
export function routesInOrder<Route>(routes: readonly Route[], load: Load<Route>): readonly Route[] {
  const ranked = routes.map((route) => ({
    route,
    choice: load.isSecondChoice(route) ? 2 : 1,
    failed: load.failedLately(route) ? 1 : 0,
    outstanding: load.outstanding(route),
    chance: load.random(),
  }));
  ranked.sort((a, b) => a.choice - b.choice || a.failed - b.failed || a.outstanding - b.outstanding || a.chance - b.chance);
  return ranked.map(({ route }) => route);
}
