/** The sentences of "What will happen": pure, from what is typed and what the scheduler says is free. */
import type { ServiceChoicesQuery } from "../../gql/graphql.ts";
import { listed } from "../../parts/listed.ts";
import { isOneOf, offeredIn } from "../service-form/offered.ts";
import { isSet, type ServiceValues } from "../service-form/values.ts";

export type Forecast = {
  readonly steps: readonly string[];
  /** What of all the routes together there is too little of; whether one has room, the scheduler says. */
  readonly lack: string | null;
};

type Group = ServiceChoicesQuery["resourceGroups"][number];
type Accelerators = readonly { readonly name: string; readonly count: number | string }[];
type Amount = { readonly cpu: number; readonly memoryGiB: number };

export function forecast(values: ServiceValues, choices: ServiceChoicesQuery | undefined): Forecast {
  const name = values.name === "" ? "The service" : values.name;
  const folder = choices?.folders.edges.find(({ node }) => node.id === values.folderId)?.node.name;
  const group = choices?.resourceGroups.find(({ id }) => id === values.resourceGroupId);
  const count = Number(values.desiredRouteCount) || 0;
  const size = Math.max(1, Number(values.clusterSize) || 1);
  const members = count * size;
  const environment = choices?.environments.find(({ id }) => id === values.environmentId);
  const each = amountOf(values, environment);
  const accelerators = values.accelerators.length > 0 ? values.accelerators : (environment?.usualResources.accelerators ?? []);
  const free = freeIn(group);

  const steps = [
    `${name} gets an endpoint that stays the same until it is terminated.`,
    `model-definition.yml is read from the folder ${folder ?? "you choose"}${environment?.defaultService == null ? "" : `, if it has one; else ${environment.name} serves it by its own command`}.`,
    count === 0
      ? "With 0 routes it stays stopped until the count is raised."
      : `${count === 1 ? "1 route" : `${count} routes`}${size === 1 ? "" : ` of ${size} members`} ${count === 1 ? "is" : "are"} started${group === undefined ? "" : ` in ${group.name}`}${asked(each, accelerators, members)}.`,
    values.openToPublic ? "Anyone who can reach the endpoint can call it, without a token." : "Callers need a token, which you create on its page.",
    ...(free === null || free.machines === 0 ? [] : [`Free there now: ${listed(amountsIn(free))}.`]),
  ];
  if (count < 2 || free === null) return { steps, lack: null };
  const short = [...(each === null ? [] : shortOf(total(each, members), free)), ...shortAccelerators(accelerators, members, group)];
  return {
    steps,
    lack: short.length === 0 ? null : `There is too little ${listed(short)} for all ${count} routes: the rest waits until there is room.`,
  };
}

/** What is usual in the environment where nothing is typed; null while it is not known. */
function amountOf(values: ServiceValues, environment: ServiceChoicesQuery["environments"][number] | undefined): Amount | null {
  const cpu = isSet(values.cpu) ? values.cpu : environment?.usualResources.cpu;
  const memoryGiB = isSet(values.memoryGiB) ? values.memoryGiB : environment?.usualResources.memoryGiB;
  return cpu === undefined || memoryGiB === undefined ? null : { cpu, memoryGiB };
}

function freeIn(group: Group | undefined): (Amount & { readonly machines: number }) | null {
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
const amountsIn = ({ cpu, memoryGiB }: Amount): readonly string[] => [`${round(cpu)} CPU`, `${round(memoryGiB)} GiB of RAM`];

function asked(each: Amount | null, accelerators: Accelerators, count: number): string {
  const named = accelerators.filter(({ name }) => name !== "").map(({ name, count: a }) => `${count * (Number(a) || 0)} ${name}`);
  const parts = [...(each === null ? [] : amountsIn(total(each, count))), ...named];
  return parts.length === 0 ? "" : `, with ${listed(parts)}${count > 1 ? " together" : ""}`;
}

const shortOf = (wanted: Amount, free: Amount): readonly string[] => [
  ...(wanted.cpu > free.cpu ? ["CPU"] : []),
  ...(wanted.memoryGiB > free.memoryGiB ? ["RAM"] : []),
];

/** Each by itself: that `gpu` and `nvidia/gpu` may be meant to be the same ones, the scheduler knows. */
function shortAccelerators(accelerators: Accelerators, count: number, group: Group | undefined): readonly string[] {
  const offered = offeredIn(group);
  if (offered === null) return [];
  const freeOf = (name: string) => offered.filter((one) => isOneOf(name, one.name)).reduce((sum, { free }) => sum + free, 0);
  return accelerators.filter((one) => Number(one.count) * count > freeOf(one.name)).map(({ name }) => name);
}
