/** Amounts for a route, as sentences and tables have them. Pure. */
type Amounts = {
  readonly cpu: number;
  readonly memoryGiB: number;
  readonly sharedMemoryGiB: number;
  readonly accelerators: readonly { readonly name: string; readonly count: number }[];
};

export const acceleratorsInWords = (accelerators: Amounts["accelerators"]): readonly string[] =>
  accelerators.map(({ name, count }) => `${count} ${name}`);

/** Without what is none. */
export const resourcesInWords = ({ cpu, memoryGiB, sharedMemoryGiB, accelerators }: Amounts): readonly string[] => [
  ...(cpu === 0 ? [] : [`${cpu} CPU`]),
  ...(memoryGiB === 0 ? [] : [`${memoryGiB} GiB of RAM`]),
  ...(sharedMemoryGiB === 0 ? [] : [`${sharedMemoryGiB} GiB of shared memory`]),
  ...acceleratorsInWords(accelerators),
];
