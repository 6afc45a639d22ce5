/**
 * Refuses what could never be placed or run, before anything is submitted: what the resource group does not allow, what the environment
 * needs and was not asked for, and what none of the group's machines has. Asked only of what is asked for: what a service has already was
 * right when it was.
 */
import { isDeepStrictEqual } from "node:util";
import { clusterOf } from "../server/model/cluster.ts";
import { beyondLimits, isolationProblems, needProblems, ownImageProblems } from "../server/model/environment.ts";
import { limitProblems, sizeProblems } from "../server/model/group-limits.ts";
import { invalid, type FieldProblem } from "../server/model/problem.ts";
import { noLimits } from "../server/model/resource-group.ts";
import type { EnvironmentRow } from "../server/store/environments.ts";
import type { RevisionWish } from "../server/store/revision-wish.ts";
import { readResourceGroups } from "../server/store/resource-groups.ts";
import { askNodes } from "./compute-node.ts";
import type { Context } from "./context.ts";
import { valueOf } from "./errors.ts";

type Asked = Pick<RevisionWish, "environmentId" | "image" | "resourceGroupId" | "resources" | "clusterMode" | "clusterSize">;
type Before = { readonly [Part in keyof Asked]: Asked[Part] | null };

/** @param named accelerators in the order in which they were given: problems are at their fields. */
export async function refuseWhatIsNotThere(
  context: Context,
  asked: Asked,
  environment: EnvironmentRow,
  before: Before,
  named: readonly string[],
): Promise<void> {
  const problems = await problemsOf(context, asked, environment, before);
  const asGiven = (path: string): string =>
    path.replace(/accelerators\[(\d+)\]/, (whole, index: string) => {
      const given = named.indexOf(asked.resources.accelerators[Number(index)]?.name ?? "");
      return given === -1 ? whole : `accelerators[${given}]`;
    });
  if (problems.length > 0) valueOf(invalid(problems.map(({ path, message }) => ({ path: asGiven(path), message }))));
}

async function problemsOf(context: Context, asked: Asked, environment: EnvironmentRow, before: Before): Promise<readonly FieldProblem[]> {
  const isElsewhere = asked.resourceGroupId !== before.resourceGroupId;
  const cluster = clusterOf(asked);
  const isLarger =
    isElsewhere ||
    !isDeepStrictEqual(asked.resources, before.resources) ||
    asked.clusterMode !== before.clusterMode ||
    asked.clusterSize !== before.clusterSize;
  if (!isLarger && asked.environmentId === before.environmentId && asked.image === before.image) return [];
  const [group] = await readResourceGroups(context.database, [asked.resourceGroupId]);
  if (group === undefined) return [];
  const rules = { ...group, limits: { ...noLimits, ...group.limits } };
  // What the environment's own image needs, another image may not: with one of the user's only the group counts.
  const impossible = asked.image === null ? beyondLimits(rules, environment) : ownImageProblems(rules, environment);
  if (impossible.length > 0) return impossible;
  const tooLittle = asked.image === null ? [...needProblems(environment, asked.resources), ...isolationProblems(environment, asked.resources)] : [];
  const refused = [...limitProblems(rules, asked.resources, cluster, environment), ...tooLittle];
  if (refused.length > 0 || !isLarger) return refused;
  // A scheduler that does not answer knows no machines: it will say so later.
  return sizeProblems(rules, asked.resources, cluster, (await askNodes(context)) ?? []);
}
