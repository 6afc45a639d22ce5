/**
 * Environments: what a session runs in, which image it is, what it needs at least and usually gets, and how it serves a model folder that
 * does not say so itself. Administrators keep the catalogue; environment-seeds.ts is what it begins with.
 */
import { z } from "zod";
import { healthCheckKeys, service, serviceKeys, type ModelService } from "./model-definition.ts";
import type { FieldProblem } from "./problem.ts";
import type { GroupRules } from "./resource-group.ts";
import { accelerators, resources, type Resources } from "./service-spec.ts";
import { isNarrower } from "./why/fit.ts";
import { countOf } from "./words.ts";

/** So many devices that are one of this name: `nvidia/gpu` is any of NVIDIA's. */
type NeededAccelerator = { readonly name: string; readonly count: number };

/** The least that a route must be given. Units: CPU cores, GiB. */
export type EnvironmentNeeds = {
  readonly cpu: number;
  readonly memoryGiB: number;
  readonly sharedMemoryGiB: number;
  readonly accelerators: readonly NeededAccelerator[];
};
export const noNeeds: EnvironmentNeeds = { cpu: 0, memoryGiB: 0, sharedMemoryGiB: 0, accelerators: [] };

/** What a request is measured by. */
type EnvironmentRules = {
  readonly name: string;
  readonly kind: "HOST" | "CONTAINER";
  readonly needs: EnvironmentNeeds;
};

const least = (max: number) => z.number().min(0, "must be 0 or more").max(max, `must be ${max} or less`);
const needs = z.strictObject({
  cpu: least(1024),
  memoryGiB: least(65_536),
  sharedMemoryGiB: least(65_536),
  accelerators: accelerators.transform((all): EnvironmentNeeds["accelerators"] => all.map(({ name, count }) => ({ name, count }))),
});

/** As registries have it: `[host[:port]/]path[:tag][@digest]`. No character of it means anything to Nomad. */
const imagePattern =
  /^([a-z0-9][a-z0-9.-]*(:\d{1,5})?\/)?[a-z0-9]+([._-]+[a-z0-9]+)*(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:\w[\w.-]{0,127})?(@sha256:[0-9a-f]{64})?$/;
export const image = z
  .string()
  .trim()
  .max(255, "must be 255 characters or less")
  .regex(imagePattern, "must be an image, as in python:3.13-slim or registry.example.com/team/model:1");

const line = (max: number) => z.string().trim().max(max, `must be ${max} characters or less`);

/** How it serves, in the words of the API. */
const serving = z
  .strictObject({
    startCommand: serviceKeys.start_command,
    port: serviceKeys.port,
    healthPath: healthCheckKeys.path.unwrap().nullable(),
  })
  .transform(({ startCommand, port, healthPath }): ModelService =>
    service.parse({ start_command: startCommand, port, health_check: healthPath === null ? null : { path: healthPath } }),
  );

/** As `docker run --user` takes it. No character of it means anything to Nomad. */
const runAs = z
  .string()
  .trim()
  .regex(/^\w[\w-]{0,31}(:\w[\w-]{0,31})?$/, "must be a user, by name or number, or user:group");

const wish = z.strictObject({
  runtime: line(40).regex(/^[A-Za-z0-9][ -~]*$/, "must begin with a letter or digit"),
  version: line(40).regex(/^[ -~]*$/, "must be plain text"),
  /** Null: the host's own programs. */
  image: image.nullable(),
  /** Of the host's own programs: by themselves, seeing nothing of the machine but copies of its programs, and the folders. */
  isolated: z.boolean(),
  /** Null: as the image says; isolated, nobody. */
  runAs: runAs.nullable(),
  /** Nothing of the image can be changed by who runs in it. */
  readOnlyRoot: z.boolean(),
  needs,
  usualResources: resources,
  defaultService: serving.nullable(),
});
export type EnvironmentWish = z.output<typeof wish>;

export const environmentWish = wish.superRefine((made, context) => {
  for (const { path, message } of confinementProblems(made)) context.addIssue({ code: "custom", path: [path], message });
  const itself = { name: "the environment", needs: made.needs, isolated: made.isolated };
  for (const { path, message } of [...needProblems(itself, made.usualResources), ...isolationProblems(itself, made.usualResources)]) {
    context.addIssue({ code: "custom", path: path.replace(/^resources/, "usualResources").split("."), message });
  }
});

function confinementProblems({ image: own, isolated, runAs: user, readOnlyRoot }: EnvironmentWish): readonly FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (isolated && own !== null) problems.push({ path: "isolated", message: "must be false: a container is" });
  if (readOnlyRoot && own === null) problems.push({ path: "readOnlyRoot", message: "must be false: it has no image" });
  if (user === null || own !== null) return problems;
  if (!isolated) problems.push({ path: "runAs", message: "must be absent where nothing is isolated: it runs as Nomad's agent does" });
  // Nomad looks for it among the machine's users.
  else if (!/^[A-Za-z_][\w-]*$/.test(user)) problems.push({ path: "runAs", message: "must be a user of the machines, by name" });
  return problems;
}

type Needing = Pick<EnvironmentRules, "name" | "needs">;

/** What a route was not given enough of. */
export function needProblems({ name, needs: needed }: Needing, asked: Resources): readonly FieldProblem[] {
  const amount = (field: "cpu" | "memoryGiB" | "sharedMemoryGiB", words: string): FieldProblem[] =>
    asked[field] >= needed[field] ? [] : [{ path: `resources.${field}`, message: `must be ${words} or more: ${name} needs that` }];
  return [
    ...amount("cpu", countOf(needed.cpu, "core")),
    ...amount("memoryGiB", `${needed.memoryGiB} GiB`),
    ...amount("sharedMemoryGiB", `${needed.sharedMemoryGiB} GiB`),
    ...missingAccelerators(needed, asked).map((one) => ({
      path: "resources.accelerators",
      message: `must have ${one.count} ${one.name} or more: ${name} needs that`,
    })),
  ];
}

/** NVIDIA's plugin tells Nomad a GPU's name, and leaves its files to a container's runtime. */
export function isolationProblems(
  { name, isolated }: { readonly name: string; readonly isolated: boolean },
  asked: Pick<Resources, "accelerators">,
): readonly FieldProblem[] {
  // Any `gpu` may be NVIDIA's.
  if (!isolated || !asked.accelerators.some((one) => one.name === "gpu" || one.name.startsWith("nvidia/"))) return [];
  const message = `must have no gpu of nvidia's and none of just any maker's: ${name} is isolated, where NVIDIA's cannot be used. A container can`;
  return [{ path: "resources.accelerators", message }];
}

export const missingAccelerators = (needed: EnvironmentNeeds, asked: Pick<Resources, "accelerators">): EnvironmentNeeds["accelerators"] =>
  needed.accelerators.filter((one) => {
    const given = asked.accelerators.filter((each) => isNarrower(each.name, one.name));
    return given.reduce((sum, { count }) => sum + count, 0) < one.count;
  });

/** What an environment needs and a group allows no route, whatever is asked for: another of the two is right then, and no other number. */
export function beyondLimits(
  { name: group, limits }: Pick<GroupRules, "name" | "limits">,
  { name, needs: needed }: Needing,
): readonly FieldProblem[] {
  const devices = needed.accelerators.reduce((sum, { count }) => sum + count, 0);
  const beyond = (need: number, limit: number | null, words: (amount: number) => string): string[] =>
    limit === null || need <= limit ? [] : [`${words(need)}, and ${group} allows ${words(limit)}`];
  const said = [
    ...beyond(needed.cpu, limits.cpu, (cpu) => countOf(cpu, "core")),
    ...beyond(needed.memoryGiB, limits.memoryGiB, (memory) => `${memory} GiB`),
    ...beyond(devices, limits.accelerators, (count) => countOf(count, "accelerator")),
  ];
  return said.length === 0
    ? []
    : [{ path: "environmentId", message: `must be another one on this resource group: ${name} needs ${said.join("; ")}` }];
}

/** An image of the user's own: where the group allows it, and in place of one. */
export function ownImageProblems(
  { name: group, ownImages }: { readonly name: string; readonly ownImages: boolean },
  { name, kind }: Pick<EnvironmentRules, "name" | "kind">,
): readonly FieldProblem[] {
  if (!ownImages) return [{ path: "image", message: `must be absent: resource group ${group} allows only the images of its environments` }];
  return kind === "CONTAINER" ? [] : [{ path: "image", message: `must be absent: ${name} is no container. Choose another environment` }];
}
