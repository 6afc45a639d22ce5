/** What can be said of a folder in a dialog, what is wrong with it in plain words, and which field an error of the server's belongs to. */
import type { FolderPermission } from "../../gql/graphql.ts";
import { bytesPerGiB } from "../../parts/bytes.ts";

/** An empty quota is none. */
export type FolderValues = { name: string; permission: FolderPermission; quotaGiB: number | string };

export const folderErrorPaths: Readonly<Record<string, string>> = {
  name: "name",
  usage: "usage",
  permission: "permission",
  quotaBytes: "quotaGiB",
};

export const validateFolder = {
  name: (typed: string) => {
    const name = typed.trim();
    if (name === "") return "Give the folder a name.";
    if (name.length > 64) return "At most 64 characters.";
    return /^[A-Za-z0-9._-]+$/.test(name) ? null : "Only letters, digits, dots, hyphens and underscores.";
  },
  quotaGiB: (quota: number | string) => (quota === "" || (typeof quota === "number" && quota > 0) ? null : "More than 0, or empty for no quota."),
};

export const quotaBytesOf = (quotaGiB: number | string): number | null => (typeof quotaGiB === "number" ? Math.round(quotaGiB * bytesPerGiB) : null);

export const quotaGiBOf = (quotaBytes: number | null): number | string => (quotaBytes === null ? "" : quotaBytes / bytesPerGiB);
