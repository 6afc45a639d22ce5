/** Who has what is missing: services by name for their own project, everybody else as such. */
import type { ServiceId } from "../ids.ts";
import type { ComputeNode, NodeUser } from "../observe.ts";
import type { Needs, Without } from "./fit.ts";
import { isFreeOn, suits } from "./fit.ts";
import type { Question } from "./question.ts";

export type Holder = {
  /** Null: not the asker's to know, or to stop. */
  readonly serviceId: ServiceId | null;
  readonly name: string;
  readonly amount: number;
  readonly idleMinutes: number | null;
};

type Asker = Pick<Question, "projectId" | "idleMinutes">;

export const isOwn = ({ session }: NodeUser, { projectId }: Asker): boolean => projectId !== null && session?.projectId === projectId;

function named(user: NodeUser, asker: Asker): Pick<Holder, "serviceId" | "name"> {
  if (user.session === null) return { serviceId: null, name: "jobs that are not Serai's" };
  const { serviceId, serviceName } = user.session;
  if (!isOwn(user, asker) || serviceId === null) return { serviceId: null, name: "other projects" };
  return { serviceId, name: serviceName ?? serviceId };
}

/** Each once, who has most first. */
function holdersOf(users: readonly { readonly user: NodeUser; readonly amount: number }[], asker: Asker): readonly Holder[] {
  const byName = Map.groupBy(
    users.filter(({ amount }) => amount > 0).map(({ user, amount }) => ({ ...named(user, asker), amount })),
    ({ serviceId, name }) => serviceId ?? name,
  );
  const holders = [...byName.values()].flatMap(([first, ...rest]) => {
    if (first === undefined) return [];
    const amount = rest.reduce((total, one) => total + one.amount, first.amount);
    return [{ ...first, amount, idleMinutes: first.serviceId === null ? null : (asker.idleMinutes.get(first.serviceId) ?? null) }];
  });
  return holders.toSorted((one, other) => other.amount - one.amount || (one.name < other.name ? -1 : one.name > other.name ? 1 : 0));
}

/** Who holds devices that the session could use. */
export function holdersOfDevices(nodes: readonly ComputeNode[], needs: Needs, asker: Asker, without: Without): readonly Holder[] {
  const held = nodes.flatMap((node) => {
    const isFree = isFreeOn(node, without);
    const wanted = node.devices.filter((group) => needs.accelerators.some((request) => suits(group, request)));
    const taken = wanted.flatMap(({ instances }) => instances.filter((instance) => !isFree(instance)));
    return node.users.map((user) => ({ user, amount: taken.filter(({ heldBy }) => heldBy === user.id).length }));
  });
  return holdersOf(held, asker);
}

export const holdersOfMemory = (nodes: readonly ComputeNode[], asker: Asker, without: Without): readonly Holder[] =>
  holdersOf(
    usersOf(nodes, without).map((user) => ({ user, amount: user.memoryMiB })),
    asker,
  );

export const holdersOfCpu = (nodes: readonly ComputeNode[], asker: Asker, without: Without): readonly Holder[] =>
  holdersOf(
    usersOf(nodes, without).map((user) => ({ user, amount: user.cpuMillicores })),
    asker,
  );

export const usersOf = (nodes: readonly ComputeNode[], without: Without): readonly NodeUser[] =>
  nodes.flatMap(({ users }) => users.filter((user) => !without(user)));

const idleWorthTellingMinutes = 5;

/** `whisper (2, no request for 41 min)`. */
export function holderWords({ name, amount, idleMinutes }: Holder, amountOf: (amount: number) => string): string {
  const idle = idleMinutes === null || idleMinutes < idleWorthTellingMinutes ? "" : `, no request for ${durationOf(idleMinutes)}`;
  return `${name} (${amountOf(amount)}${idle})`;
}

const durationOf = (minutes: number): string => {
  if (minutes < 120) return `${Math.floor(minutes)} min`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60 / 24)} days`;
};
