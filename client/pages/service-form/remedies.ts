/** What would help where there is no room, as a change of what is typed: what the API tells of each, in a few words for a button. Pure. */
import type { RemedyItemFragment } from "../../gql/graphql.ts";
import type { ServiceValues } from "./values.ts";

export type Offer = { readonly label: string; readonly changes: Partial<ServiceValues> };

/** @returns null where it is nothing that this form could change: another service's end, for example. The sentence says it all the same. */
export function offerOf(remedy: RemedyItemFragment, { accelerators }: Pick<ServiceValues, "accelerators">): Offer | null {
  const { kind, memoryGiB, cpu, accelerator, instead, count, resourceGroup } = remedy;
  const replaced = (name: string, asked: number) =>
    accelerators.map((one) => (one.name === accelerator ? { ...one, name, count: asked } : one)).filter((one) => one.count !== 0);
  if ((kind === "LOWER_MEMORY" || kind === "RAISE_MEMORY") && memoryGiB !== null)
    return { label: `Use ${memoryGiB} GiB of RAM`, changes: { memoryGiB } };
  if (kind === "LOWER_CPU" && cpu !== null) return { label: `Use ${cpu} CPU`, changes: { cpu } };
  if (kind === "LOWER_ACCELERATOR_MEMORY" && accelerator !== null && memoryGiB !== null) {
    const weaker = accelerators.map((one) => (one.name === accelerator ? { ...one, asked: { ...one.asked, memoryGiB } } : one));
    return { label: `Use ${accelerator} with ${memoryGiB} GiB`, changes: { accelerators: weaker } };
  }
  if (kind === "FEWER_ACCELERATORS" && accelerator !== null && count !== null)
    return { label: `Use ${count} ${accelerator}`, changes: { accelerators: replaced(accelerator, count) } };
  if (kind === "OTHER_ACCELERATOR" && instead !== null && count !== null)
    return { label: `Use ${count} ${instead}`, changes: { accelerators: replaced(instead, count) } };
  if (kind === "OTHER_GROUP" && resourceGroup !== null)
    return { label: `Use group ${resourceGroup.name}`, changes: { resourceGroupId: resourceGroup.id } };
  return null;
}
