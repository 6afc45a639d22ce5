/**
 * Refuses what could never be placed, before anything is submitted: what the resource group does not allow, and what none of its machines
 * has. Asked only of what is asked for: what a service has already was right when it was.
 */
import { isDeepStrictEqual } from "node:util";
import { clusterOf, type ClusterMode } from "../server/model/cluster.ts";
import type { EnvironmentId, ResourceGroupId } from "../server/model/ids.ts";
import { limitProblems, sizeProblems } from "../server/model/group-limits.ts";
import { invalid, type FieldProblem } from "../server/model/problem.ts";
import { noLimits } from "../server/model/resource-group.ts";
import type { Resources } from "../server/model/service-spec.ts";
import { readEnvironments } from "../server/store/environments.ts";
import { readResourceGroups } from "../server/store/resource-groups.ts";
import { askNodes } from "./compute-node.ts";
import type { Context } from "./context.ts";
import { valueOf } from "./errors.ts";

type Asked = {
  readonly environmentId: EnvironmentId;
  readonly resourceGroupId: ResourceGroupId;
  readonly resources: Resources;
  readonly clusterMode: ClusterMode;
  readonly clusterSize: number;
};
type Before = { readonly [Part in keyof Asked]: Asked[Part] | null };

/** @param named accelerators in the order in which they were given: problems are at their fields. */
export async function refuseWhatIsNotThere(context: Context, asked: Asked, before: Before, named: readonly string[]): Promise<void> {
  const problems = await problemsOf(context, asked, before);
  const asGiven = (path: string): string =>
    path.replace(/accelerators\[(\d+)\]/, (whole, index: string) => {
      const given = named.indexOf(asked.resources.accelerators[Number(index)]?.name ?? "");
      return given === -1 ? whole : `accelerators[${given}]`;
    });
  if (problems.length > 0) valueOf(invalid(problems.map(({ path, message }) => ({ path: asGiven(path), message }))));
}

async function problemsOf(context: Context, asked: Asked, before: Before): Promise<readonly FieldProblem[]> {
  const isElsewhere = asked.resourceGroupId !== before.resourceGroupId;
  const cluster = clusterOf(asked);
  const isLarger =
    isElsewhere ||
    !isDeepStrictEqual(asked.resources, before.resources) ||
    asked.clusterMode !== before.clusterMode ||
    asked.clusterSize !== before.clusterSize;
  if (!isLarger && asked.environmentId === before.environmentId) return [];
  const [[group], [environment]] = await Promise.all([
    readResourceGroups(context.database, [asked.resourceGroupId]),
    readEnvironments(context.database, [asked.environmentId]),
  ]);
  if (group === undefined || environment === undefined) return [];
  const rules = { ...group, limits: { ...noLimits, ...group.limits } };
  const refused = limitProblems(rules, asked.resources, cluster, environment);
  if (refused.length > 0 || !isLarger) return refused;
  // A scheduler that does not answer knows no machines: it will say so later.
  return sizeProblems(rules, asked.resources, cluster, (await askNodes(context)) ?? []);
}
