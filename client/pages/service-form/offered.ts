/** What a resource group offers: of its machines' accelerators, counted over all that take routes now, and of the environments. Pure. */
import type { ServiceChoicesQuery } from "../../gql/graphql.ts";

type Group = ServiceChoicesQuery["resourceGroups"][number];
export type Offered = { readonly name: string; readonly count: number; readonly free: number };

/** Null where it is not known. */
export function offeredIn(group: Group | undefined): readonly Offered[] | null {
  if (!group?.nodes) return null;
  const all = group.nodes.filter(({ eligible }) => eligible).flatMap(({ accelerators }) => accelerators);
  const { acceleratorNames } = group;
  const offered = all.filter(({ name }) => acceleratorNames === null || acceleratorNames.some((wider) => isOneOf(wider, name)));
  return [...Map.groupBy(offered, ({ name }) => name)].map(([name, same]) => ({
    name,
    count: same.reduce((sum, { count }) => sum + count, 0),
    free: same.reduce((sum, { free }) => sum + free, 0),
  }));
}

export const allowedIn = <Environment extends { readonly id: string }>(
  group: Group | undefined,
  all: readonly Environment[],
): readonly Environment[] => all.filter(({ id }) => group?.environments?.some((one) => one.id === id) ?? true);

/** A type, or a vendor and a type, means any that is one: `gpu` is `nvidia/gpu/H100` too. */
export function isOneOf(wanted: string, offered: string): boolean {
  const [vendor, type] = offered.split("/");
  return wanted === offered || wanted === type || wanted === `${vendor}/${type}`;
}

export const freeInWords = ({ count, free }: Offered): string => `${free} of ${count} free`;
