/**
 * Parts of the tests that need more than Node: they say in one line what is not run here and how to get it. With CI=true that
 * is a failure, unless .ci/run has found that this machine cannot have it: then SERAI_CANNOT names it (`docker`, `nomad`).
 */
export type Need = "nomad" | "docker" | "chromium";

const isOutOfReach = (need: Need): boolean => (process.env["SERAI_CANNOT"] ?? "").split(" ").includes(need);

/** True where the part has to be skipped. */
export function missing(isMissing: boolean, need: Need, what: string, howToGetIt: string): boolean {
  if (!isMissing && !isOutOfReach(need)) return false;
  const line = `NOT RUN: ${what} (${need}); to run it: ${howToGetIt}`;
  if (process.env["CI"] === "true" && !isOutOfReach(need)) throw new Error(line);
  console.log(line);
  return true;
}
