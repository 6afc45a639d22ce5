/** Resources as they are asked for: absent is what is so without a word, null is what is usual. */
import { orDefault } from "./absent.ts";
import type { Accelerator, Resources } from "../server/model/service-spec.ts";
import { constraintOf } from "./constraint.ts";
import type { ResourcesInput } from "./service-input.ts";

type Given = typeof ResourcesInput.$inferInput | null | undefined;

/** @param usual what null is, of all or of a part. */
export function resourcesOf(given: Given, before: Resources, usual: Resources): Resources | undefined {
  if (given === undefined) return undefined;
  if (given === null) return usual;
  const part = <Name extends keyof Resources>(name: Name, value: Resources[Name] | null | undefined): Resources[Name] =>
    orDefault(value, usual[name]) ?? before[name];
  const memoryGiB = part("memoryGiB", given.memoryGiB);
  // What nobody typed is not to be wrong: of less memory than usual less is shared.
  const shared = usual.sharedMemoryGiB < memoryGiB ? usual.sharedMemoryGiB : memoryGiB / 2;
  const memoryMaxGiB = given.memoryMaxGiB === undefined ? before.memoryMaxGiB : (given.memoryMaxGiB ?? undefined);
  return {
    cpu: part("cpu", given.cpu),
    memoryGiB,
    sharedMemoryGiB: orDefault(given.sharedMemoryGiB, shared) ?? (before === usual ? shared : before.sharedMemoryGiB),
    ...(memoryMaxGiB === undefined ? {} : { memoryMaxGiB }),
    accelerators: part("accelerators", given.accelerators?.map(acceleratorOf) ?? (given.accelerators as null | undefined)),
  };
}

type GivenAccelerator = NonNullable<NonNullable<NonNullable<Given>["accelerators"]>[number]>;

const acceleratorOf = ({ name, count, memoryGiB, constraints, affinities }: GivenAccelerator): Accelerator => ({
  name,
  count,
  ...(memoryGiB == null ? {} : { memoryGiB }),
  ...(constraints == null ? {} : { constraints: constraints.map(constraintOf) }),
  ...(affinities == null ? {} : { affinities: affinities.map((one) => ({ ...constraintOf(one), weight: one.weight })) }),
});
