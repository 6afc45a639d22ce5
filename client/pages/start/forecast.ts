/** The sentences of "What will happen": pure, from what is typed and what the scheduler says is free. */
import type { ServiceChoicesQuery } from "../../gql/graphql.ts";
import { hostDefaults, type ServiceValues } from "../service-form/values.ts";

export type Forecast = { readonly steps: readonly string[]; readonly warning: string | null };

type Amount = { readonly cpu: number; readonly memoryGiB: number };

export function forecast(values: ServiceValues, choices: ServiceChoicesQuery | undefined): Forecast {
  const name = values.name === "" ? "The service" : values.name;
  const folder = choices?.folders.edges.find(({ node }) => node.id === values.folderId)?.node.name;
  const group = choices?.resourceGroups.find(({ id }) => id === values.resourceGroupId);
  const count = Number(values.desiredRouteCount) || 0;
  const each = amountOf(values, choices);
  const free = freeIn(group);

  const steps = [
    `${name} gets an endpoint that stays the same until it is terminated.`,
    folder === undefined ? "model-definition.yml is read from the folder you choose." : `model-definition.yml is read from the folder ${folder}.`,
    count === 0
      ? "With 0 routes it stays stopped until the count is raised."
      : `${count === 1 ? "1 route is" : `${count} routes are`} started${group === undefined ? "" : ` in ${group.name}`}${each === null ? "" : `, ${inWords(total(each, count))}${count > 1 ? " together" : ""}`}.`,
    values.openToPublic ? "Anyone who can reach the endpoint can call it, without a token." : "Callers need a token, which you create on its page.",
    ...(free === null || free.machines === 0 ? [] : [`Free there now: ${inWords(free)}.`]),
  ];
  if (count === 0 || free === null) return { steps, warning: null };
  if (free.machines === 0) return { steps, warning: `No machine of ${group?.name ?? "the group"} takes routes now. They wait until one does.` };
  return { steps, warning: each === null ? null : lackOf(total(each, count), free) };
}

/** Null where the environment decides and the console does not know. */
function amountOf(values: ServiceValues, choices: ServiceChoicesQuery | undefined): Amount | null {
  const host = choices?.environments.find(({ id }) => id === values.environmentId)?.kind === "HOST";
  const cpu = typeof values.cpu === "number" ? values.cpu : host ? hostDefaults.cpu : null;
  const memoryGiB = typeof values.memoryGiB === "number" ? values.memoryGiB : host ? hostDefaults.memoryGiB : null;
  return cpu === null || memoryGiB === null ? null : { cpu, memoryGiB };
}

function freeIn(group: ServiceChoicesQuery["resourceGroups"][number] | undefined): (Amount & { readonly machines: number }) | null {
  if (!group?.nodes) return null;
  const eligible = group.nodes.filter((node) => node.eligible);
  const sum = (of: (node: (typeof eligible)[number]) => number) =>
    Math.max(
      0,
      eligible.reduce((all, node) => all + of(node), 0),
    );
  return {
    machines: eligible.length,
    cpu: sum(({ cpu }) => cpu.total - cpu.used),
    memoryGiB: sum(({ memoryGiB }) => memoryGiB.total - memoryGiB.used),
  };
}

const total = (each: Amount, count: number): Amount => ({ cpu: each.cpu * count, memoryGiB: each.memoryGiB * count });
const round = (amount: number): string => String(amount < 10 ? Math.round(amount * 1000) / 1000 : Math.round(amount * 10) / 10);
const inWords = ({ cpu, memoryGiB }: Amount): string => `${round(cpu)} CPU and ${round(memoryGiB)} GiB of RAM`;

function lackOf(wanted: Amount, free: Amount): string | null {
  const short = [...(wanted.cpu > free.cpu ? ["CPU"] : []), ...(wanted.memoryGiB > free.memoryGiB ? ["RAM"] : [])];
  return short.length === 0 ? null : `That is more ${short.join(" and ")} than is free now. Routes that do not fit wait until there is room.`;
}
