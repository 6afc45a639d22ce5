/**
 * Ids of the domain: a readable prefix, an underscore, 20 lower-case base-32 characters (100 random bits).
 *
 * They are global: GraphQL hands them out as they are, `node(id)` tells the kind by the prefix, and job names
 * on Nomad contain them. The brand keeps one kind from being passed where another is meant.
 */
import { randomBytes } from "node:crypto";

declare const brand: unique symbol;
type Branded<Kind extends string> = string & { readonly [brand]: Kind };

export type ProjectId = Branded<"project">;
export type UserId = Branded<"user">;
export type FolderId = Branded<"folder">;
export type EnvironmentId = Branded<"environment">;
export type ResourceGroupId = Branded<"resourceGroup">;
export type ServiceId = Branded<"service">;
export type RevisionId = Branded<"revision">;
export type RouteId = Branded<"route">;
export type SessionId = Branded<"session">;
export type TokenId = Branded<"token">;
export type GatewayId = Branded<"gateway">;
export type UploadId = Branded<"upload">;
export type RolloutId = Branded<"rollout">;
export type ValidationId = Branded<"validation">;
export type ImageRegistryId = Branded<"imageRegistry">;

export type IdByKind = {
  project: ProjectId;
  user: UserId;
  folder: FolderId;
  environment: EnvironmentId;
  resourceGroup: ResourceGroupId;
  service: ServiceId;
  revision: RevisionId;
  route: RouteId;
  session: SessionId;
  token: TokenId;
  gateway: GatewayId;
  upload: UploadId;
  rollout: RolloutId;
  validation: ValidationId;
  imageRegistry: ImageRegistryId;
};
export type IdKind = keyof IdByKind;

const idPrefix: Record<IdKind, string> = {
  project: "prj",
  user: "usr",
  folder: "fld",
  environment: "env",
  resourceGroup: "rg",
  service: "svc",
  revision: "rev",
  route: "rt",
  session: "ses",
  token: "tok",
  gateway: "gw",
  upload: "upl",
  rollout: "rol",
  validation: "val",
  imageRegistry: "reg",
};

const alphabet = "abcdefghijklmnopqrstuvwxyz234567";
const randomLength = 20;

/** A new id of the kind, for example `svc_k3v…`. */
export function newId<K extends IdKind>(kind: K): IdByKind[K] {
  let random = "";
  for (const byte of randomBytes(randomLength)) random += alphabet.charAt(byte & 31);
  return `${idPrefix[kind]}_${random}` as IdByKind[K];
}

const kindByPrefix = new Map(Object.entries(idPrefix).map(([kind, prefix]) => [prefix, kind as IdKind]));

/** The kind that an id's prefix names, or null where it is no id of ours. */
export function kindOfId(id: string): IdKind | null {
  const match = /^([a-z]+)_[a-z2-7]{20}(-[1-9][0-9]{0,5})?$/.exec(id);
  const kind = match?.[1] === undefined ? null : (kindByPrefix.get(match[1]) ?? null);
  // Only the sessions of one seat are numbered (seat.ts).
  return match?.[2] === undefined || kind === "session" ? kind : null;
}

/** The id, if it is one of the kind; null otherwise, so that a wrong id is simply not found. */
export function asId<K extends IdKind>(kind: K, id: string): IdByKind[K] | null {
  return kindOfId(id) === kind ? (id as IdByKind[K]) : null;
}
