/**
 * What a user may ask for: names, counts, resources. One zod schema each is the source of the type, the check and the message.
 * A schema's message says what would be right, because it is shown at the field.
 */
import { z } from "zod";
import { deviceAffinity, deviceConstraint, type Affinity, type Constraint } from "./constraint.ts";
import type { FolderId } from "./ids.ts";

const serviceNamePattern = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

export const serviceName = z
  .string()
  .regex(serviceNamePattern, "must be 1 to 63 lower-case letters, digits and hyphens, beginning and ending with a letter or digit");

/** As models are called: `gpt-4o`, `meta-llama/Llama-3.1-8B-Instruct`, `qwen3:8b`. */
const alias = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9][\w.:/@+-]{0,199}$/, "must be 1 to 200 letters, digits and . _ : / @ + -, beginning with a letter or digit");
export const aliases = distinct(alias, 32);

/** As browsers send it (RFC 6454, 6.2): no path, lower case, no default port. */
const origin = z
  .string()
  .trim()
  .refine((text) => text === "*" || isOrigin(text), "must be * or an origin, such as https://app.example.com");
export const allowedOrigins = distinct(origin, 32);

export function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, origin: parsed } = new URL(text);
  return (protocol === "http:" || protocol === "https:") && parsed === text;
}

function distinct(one: z.ZodType<string>, countMax: number) {
  return z
    .array(one)
    .max(countMax, `must be ${countMax} or fewer`)
    .transform((all) => [...new Set(all)]);
}

const folderNamePattern = /^[A-Za-z0-9._-]{1,64}$/;
const reservedFolderNames = new Set(
  ".terminfo .jupyter .tmux.conf .ssh bin boot dev etc lib lib64 media mnt opt proc root run sbin srv sys tmp usr var home".split(" "),
);

export const folderName = z
  .string()
  .regex(folderNamePattern, "must be 1 to 64 letters, digits, dots, hyphens and underscores")
  .refine(
    (name) => !reservedFolderNames.has(name) && !/^\.+$/.test(name) && !/^\.[a-z0-9]+(rc|_profile)$/.test(name),
    "is reserved: choose another name",
  );

export const folderQuotaBytes = z.int("must be a whole number of bytes").min(0, "must be 0 or more");

const routeCountMax = 1000;
export const desiredRouteCount = z
  .number()
  .int("must be a whole number")
  .min(0, "must be 0 or more")
  .max(routeCountMax, `must be ${routeCountMax} or less`);

export const terminationGraceDefaultSeconds = 30;
export const terminationGraceSeconds = z
  .number()
  .int("must be a whole number of seconds")
  .min(0, "must be 0 or more")
  .max(86_400, "must be 86400 seconds (a day) or less");

/** So many devices of a kind, as Nomad names kinds: `gpu`, `nvidia/gpu`, `nvidia/gpu/H100`. What is not asked for is absent. */
export type Accelerator = {
  readonly name: string;
  readonly count: number;
  /** The least that each must have. */
  readonly memoryGiB?: number;
  readonly constraints?: readonly Constraint[];
  readonly affinities?: readonly Affinity[];
};

/** Per route. Units: CPU cores, GiB. */
export type Resources = {
  readonly cpu: number;
  readonly memoryGiB: number;
  readonly sharedMemoryGiB: number;
  /** What it may use beyond its memory while the machine has it, where the cluster allows that; absent: nothing more. */
  readonly memoryMaxGiB?: number;
  /** In the order of their names, each once. */
  readonly accelerators: readonly Accelerator[];
};

/** What a route gets in a host environment where nothing is said: 0.1 CPU, 128 MiB. */
export const defaultResources: Resources = { cpu: 0.1, memoryGiB: 0.125, sharedMemoryGiB: 0, accelerators: [] };

/** The last part, the model, is what its maker calls it: `nvidia/gpu/Tesla T4`. */
const acceleratorPattern = /^[\w.-]+(\/[\w.-]+(\/[!-~]([ -~]*[!-~])?)?)?$/;

export const accelerators = z
  .array(
    z.strictObject({
      name: z
        .string()
        .max(128, "must be 128 characters or less")
        .regex(acceleratorPattern, "must be a type, vendor/type or vendor/type/model: gpu, nvidia/gpu, nvidia/gpu/H100"),
      count: z.int("must be a whole number").min(1, "must be 1 or more").max(1024, "must be 1024 or less"),
      memoryGiB: z.number().min(0.0625, "must be at least 0.0625 GiB (64 MiB)").max(65_536, "must be 65536 GiB or less").optional(),
      constraints: z.array(deviceConstraint).max(16, "must be 16 or fewer").optional(),
      affinities: z.array(deviceAffinity).max(16, "must be 16 or fewer").optional(),
    }),
  )
  .max(16, "must be 16 kinds or fewer")
  .superRefine((all, context) => {
    for (const [index, { name }] of all.entries()) {
      if (all.findIndex((one) => one.name === name) < index)
        context.addIssue({ code: "custom", path: [index, "name"], message: "is there already: give each kind one count" });
    }
  })
  .transform((all) => all.map(withoutNothing).toSorted((one, other) => (one.name < other.name ? -1 : 1)));

/** An empty list asks for nothing: it is not kept, so that asking for nothing in another way makes no new revision. */
function withoutNothing(one: {
  name: string;
  count: number;
  memoryGiB?: number | undefined;
  constraints?: Constraint[] | undefined;
  affinities?: Affinity[] | undefined;
}): Accelerator {
  const { name, count, memoryGiB, constraints = [], affinities = [] } = one;
  return {
    name,
    count,
    ...(memoryGiB === undefined ? {} : { memoryGiB }),
    ...(constraints.length === 0 ? {} : { constraints }),
    ...(affinities.length === 0 ? {} : { affinities }),
  };
}

export const resources = z
  .strictObject({
    cpu: z.number().min(0.01, "must be at least 0.01 cores").max(1024, "must be 1024 cores or less"),
    memoryGiB: z.number().min(0.015625, "must be at least 0.015625 GiB (16 MiB)").max(65_536, "must be 65536 GiB or less"),
    sharedMemoryGiB: z.number().min(0, "must be 0 or more"),
    memoryMaxGiB: z.number().max(65_536, "must be 65536 GiB or less").optional(),
    accelerators,
  })
  .refine((value) => value.memoryMaxGiB === undefined || value.memoryMaxGiB > value.memoryGiB, {
    path: ["memoryMaxGiB"],
    message: "must be more than the memory",
  })
  .refine((value) => value.sharedMemoryGiB < value.memoryGiB, {
    path: ["sharedMemoryGiB"],
    message: "must be smaller than the memory",
  })
  // Last: what is transformed is not looked at where a number is wrong, and every problem is to be told at once.
  .transform(({ memoryMaxGiB, ...rest }): Resources => (memoryMaxGiB === undefined ? rest : { ...rest, memoryMaxGiB }));

export const tokenName = z.string().trim().min(1, "must not be empty").max(100, "must be 100 characters or less");

/** A folder of usage GENERAL that a session sees at `path`, besides the model's. */
export type ExtraMount = { readonly folderId: FolderId; readonly path: string; readonly readOnly: boolean };

/** A variable of a session's environment. A secret one is encrypted with SERAI_SECRET. */
export type SecretVariable = { readonly name: string; readonly encrypted: string };
export type StoredVariable = { readonly name: string; readonly value: string } | SecretVariable;
