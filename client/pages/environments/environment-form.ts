/** A version of an environment as the form has it, and as it is asked for. Pure. */
import type { CreateEnvironmentInput, EnvironmentItemFragment } from "../../gql/graphql.ts";
import type { AcceleratorValues } from "../service-form/values.ts";

/** Empty numbers: nothing needed, the default of what is usual. */
type Amounts = { cpu: number | string; memoryGiB: number | string; sharedMemoryGiB: number | string; accelerators: AcceleratorValues[] };
export type EnvironmentValues = {
  runtime: string;
  version: string;
  /** Empty: the machine's own programs. */
  image: string;
  /** Of the machine's own programs. */
  isolated: boolean;
  /** Of an image, or where it is isolated. Empty: as the image says; nobody. */
  runAs: string;
  /** Of an image. */
  readOnlyRoot: boolean;
  needs: Amounts;
  usual: Amounts;
  /** Empty: none, and so no port either. */
  startCommand: string;
  port: number | string;
  healthPath: string;
};

const nothing: Amounts = { cpu: "", memoryGiB: "", sharedMemoryGiB: "", accelerators: [] };
export const untouched: EnvironmentValues = {
  runtime: "",
  version: "",
  image: "",
  isolated: false,
  runAs: "",
  readOnlyRoot: false,
  needs: nothing,
  usual: nothing,
  startCommand: "",
  port: 8000,
  healthPath: "/health",
};

export function valuesOf(environment: EnvironmentItemFragment): EnvironmentValues {
  const { runtime, version, image, isolated, runAs, readOnlyRoot, needs, usualResources, defaultService: serving } = environment;
  const accelerators = (all: typeof needs.accelerators) => all.map(({ name, count }) => ({ name, count }));
  const { cpu, memoryGiB, sharedMemoryGiB } = usualResources;
  return {
    ...untouched,
    runtime,
    version,
    image: image ?? "",
    isolated,
    runAs: runAs ?? "",
    readOnlyRoot,
    needs: {
      cpu: needs.cpu || "",
      memoryGiB: needs.memoryGiB || "",
      sharedMemoryGiB: needs.sharedMemoryGiB || "",
      accelerators: accelerators(needs.accelerators),
    },
    usual: { cpu, memoryGiB, sharedMemoryGiB: sharedMemoryGiB || "", accelerators: accelerators(usualResources.accelerators) },
    ...(serving !== null && { startCommand: serving.startCommand, port: serving.port, healthPath: serving.healthPath ?? "" }),
  };
}

export function inputOf(values: EnvironmentValues): CreateEnvironmentInput {
  const { runtime, version, needs, usual, startCommand, port, healthPath } = values;
  return {
    runtime,
    version,
    ...confinementOf(values),
    needs: amountsOf(needs),
    usualResources: amountsOf(usual),
    defaultService:
      startCommand.trim() === "" ? null : { startCommand, port: Number(port), healthPath: healthPath.trim() === "" ? null : healthPath },
  };
}

export const isHost = ({ image }: Pick<EnvironmentValues, "image">): boolean => image.trim() === "";

/** Of the other kind nothing is asked: what was chosen for it is not shown either. */
function confinementOf({ image, isolated, runAs, readOnlyRoot }: EnvironmentValues) {
  const user = runAs.trim() === "" ? null : runAs;
  return isHost({ image })
    ? { image: null, isolated, runAs: isolated ? user : null, readOnlyRoot: false }
    : { image, isolated: false, runAs: user, readOnlyRoot };
}

/** Only what was changed: what this form does not show of the rest, stays. */
export function changesOf(before: EnvironmentValues, after: EnvironmentValues): Partial<CreateEnvironmentInput> {
  const was = inputOf(before);
  const differs = ([key, value]: [string, unknown]): boolean => JSON.stringify(value) !== JSON.stringify(was[key as keyof CreateEnvironmentInput]);
  return Object.fromEntries(Object.entries(inputOf(after)).filter(differs));
}

const numberOf = (typed: number | string): number | null => (typeof typed === "number" ? typed : null);
const amountsOf = ({ cpu, memoryGiB, sharedMemoryGiB, accelerators }: Amounts) => ({
  cpu: numberOf(cpu),
  memoryGiB: numberOf(memoryGiB),
  sharedMemoryGiB: numberOf(sharedMemoryGiB),
  accelerators: accelerators.map(({ name, count }) => ({ name, count: Number(count) })),
});

/** The field that stands for a path in a ValidationError. */
export function fieldsOf({ needs, usual }: EnvironmentValues): Readonly<Record<string, string>> {
  const amounts = (path: string, field: string, { accelerators }: Amounts) => [
    ...["cpu", "memoryGiB", "sharedMemoryGiB", "accelerators"].map((part) => [`${path}.${part}`, `${field}.${part}`]),
    ...accelerators.flatMap((_one, index) =>
      ["name", "count"].map((part) => [`${path}.accelerators[${index}].${part}`, `${field}.accelerators.${index}.${part}`]),
    ),
  ];
  return {
    runtime: "runtime",
    version: "version",
    image: "image",
    isolated: "isolated",
    runAs: "runAs",
    readOnlyRoot: "readOnlyRoot",
    "defaultService.startCommand": "startCommand",
    "defaultService.port": "port",
    "defaultService.healthPath": "healthPath",
    ...(Object.fromEntries([...amounts("needs", "needs", needs), ...amounts("usualResources", "usual", usual)]) as Record<string, string>),
  };
}
