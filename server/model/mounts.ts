/**
 * Extra mounts: folders that a session sees besides its model's. Pure checks of where they may be.
 *
 * A mount hides what lies at its path and below, so it may be nowhere that a program, the container's system or another
 * mount needs. Where the model's folder goes is known only from the definition: that check comes when a revision is written.
 */
import { placeInDefinition } from "./definition-place.ts";
import type { FolderId } from "./ids.ts";
import type { Model, ModelDefinition } from "./model-definition.ts";
import type { FieldProblem, Problem } from "./problem.ts";
import type { ExtraMount } from "./service-spec.ts";

/** The session's own directory, as definitions and images name it. */
export const homePath = "/home/work";

const mountsMax = 16;
const pathBytesMax = 1024;
const componentBytesMax = 255;

/** Of the image, of the machine, or of Nomad (`/local`, `/secrets`, `/alloc`). */
const systemDirectories = "alloc bin boot dev etc lib lib32 lib64 libx32 local proc root run sbin secrets sys tmp usr var home/work/.serai"
  .split(" ")
  .map((name) => `/${name}`);

/** What a user asks for. Absent path: `/home/work/` and the folder's name. */
export type MountWish = { readonly folderId: string; readonly path: string | null; readonly readOnly: boolean };

export type MountableFolder = {
  readonly id: FolderId;
  readonly name: string;
  readonly usage: "GENERAL" | "MODEL";
  readonly permission: "READ_WRITE" | "READ_ONLY";
};

export type PlacedMounts = { readonly mounts: readonly ExtraMount[]; readonly problems: readonly FieldProblem[] };

/**
 * The mounts with their paths, and everything that is wrong with them, at its field.
 *
 * @param folders those of the project that are not in the trash; others are not there at all.
 */
export function placeMounts(wishes: readonly MountWish[], folders: readonly MountableFolder[]): PlacedMounts {
  if (wishes.length > mountsMax) return { mounts: [], problems: [{ path: "mounts", message: `must be ${mountsMax} folders or fewer` }] };
  const mounts: ExtraMount[] = [];
  const problems: FieldProblem[] = [];
  for (const [index, { folderId, path: asked, readOnly }] of wishes.entries()) {
    const at = (field: string, message: string) => void problems.push({ path: `mounts[${index}].${field}`, message });
    const folder = folders.find(({ id }) => id === folderId);
    if (folder === undefined) at("folderId", "names no folder of this project");
    else if (folder.usage !== "GENERAL") at("folderId", `must be a general folder; ${folder.name} is one for models`);
    else if (folder.permission === "READ_ONLY" && !readOnly) at("readOnly", `must be true: the folder ${folder.name} is read-only`);
    const path = asked ?? (folder === undefined ? null : `${homePath}/${folder.name}`);
    if (path === null) continue;
    const problem = mountPathProblem(path);
    const other = mounts.find((mount) => nested(mount.path, path));
    if (problem !== null) at("path", problem);
    else if (other !== undefined) at("path", `must not be ${relation(path, other.path)}, where another folder is mounted`);
    if (folder !== undefined) mounts.push({ folderId: folder.id, path, readOnly });
  }
  return { mounts, problems };
}

/** What is wrong with a path by itself, as it goes after the field's name; null where it is right. */
export function mountPathProblem(path: string): string | null {
  if (!path.startsWith("/")) return "must be an absolute path, such as /data";
  if (/\p{Control}/u.test(path)) return "must not contain a NUL or another control character";
  if (!path.isWellFormed()) return "must be text in Unicode";
  // Docker separates a bind's parts by it; `\` and `,` mean something to others who read such paths.
  if (/[:\\,]/.test(path)) return "must not contain a colon, a comma or a backslash";
  // Nomad would put something else in its place.
  if (path.includes("${")) return "must not contain `${`";
  if (Buffer.byteLength(path) > pathBytesMax) return `must be ${pathBytesMax} bytes or less`;
  const parts = path.slice(1).split("/");
  if (path === "/") return "must not be /";
  if (parts.includes("..") || parts.includes(".") || parts.includes(""))
    return "must be a plain path: without .., . and empty parts, and without a / at the end";
  if (parts.some((part) => Buffer.byteLength(part) > componentBytesMax)) return `must have parts of ${componentBytesMax} bytes or less`;
  const system = systemDirectories.find((directory) => path === directory || path.startsWith(`${directory}/`));
  return hidesHome(path) ?? (system === undefined ? null : `must not be in ${system}, which belongs to the system`);
}

/** The same of `model_path`: less strict, for images have models in odd places, and nothing else is lost there. */
export function modelPathProblem(path: string): string | null {
  const place = normal(path);
  const system = systemDirectories.find((directory) => place === directory) ?? ["/proc", "/sys", "/dev"].find((one) => place.startsWith(`${one}/`));
  return hidesHome(place) ?? (system === undefined ? null : `must not be in ${system}, which belongs to the system`);
}

const hidesHome = (path: string): string | null =>
  path === homePath || homePath.startsWith(`${path}/`) ? `must not be ${relation(path, homePath)}, the session's own directory` : null;

/** Each mount that would hide the model's folder, or be hidden by it. */
function modelCollisions(definition: ModelDefinition, mounts: readonly ExtraMount[]): readonly { readonly index: number; readonly model: Model }[] {
  const served = definition.models.filter((model) => model.service !== null);
  const models = served.length > 0 ? served : definition.models.slice(0, 1);
  return mounts.flatMap(({ path }, index) => models.filter((model) => nested(normal(model.model_path), path)).map((model) => ({ index, model })));
}

/** At the mount, for whoever is about to create a service with it. */
export const collisionsAtMounts = (definition: ModelDefinition, mounts: readonly ExtraMount[]): readonly FieldProblem[] =>
  modelCollisions(definition, mounts).map(({ index, model }) => ({
    path: `mounts[${index}].path`,
    message: `must not be ${relation(mounts[index]?.path ?? "", normal(model.model_path))}, where the model's folder is mounted`,
  }));

/**
 * In the definition, where it came to name a path that the service mounts something at.
 *
 * @param yaml what the definition was read from.
 */
export const collisionsInDefinition = (definition: ModelDefinition, mounts: readonly ExtraMount[], yaml: string): readonly Problem[] =>
  modelCollisions(definition, mounts).map(({ index, model }) => {
    const number = definition.models.indexOf(model);
    const place = placeInDefinition(yaml, ["models", number, "model_path"]);
    const where = relation(normal(model.model_path), mounts[index]?.path ?? "");
    return {
      path: `models[${number}].model_path`,
      line: place?.line ?? null,
      column: place?.column ?? null,
      message: `\`model_path\` ${model.model_path} is ${where}, where this service mounts another folder`,
      hint: "Choose another `model_path`, or create the service with another path for that folder.",
    };
  });

/** The model's path as definitions may write it: with a / at the end, or twice. */
const normal = (path: string): string =>
  `/${path
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/")}`;

const nested = (one: string, other: string): boolean => one === other || one.startsWith(`${other}/`) || other.startsWith(`${one}/`);

function relation(path: string, other: string): string {
  if (path === other) return `at ${other}`;
  return path.startsWith(`${other}/`) ? `under ${other}` : `over ${other}`;
}
