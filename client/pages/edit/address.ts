/**
 * Where a file is edited: `/folders/<id>/edit/<path>`, each name of the path encoded by itself. The router decodes addresses as a whole, after
 * which `%23` and `#` in a name cannot be told apart; so the path is read from the address as it is.
 */
import { encoded } from "../folders/address.ts";

export const editAddress = (folderId: string, path: string, line: number | null = null): string =>
  `/folders/${folderId}/edit/${encoded(path)}${line === null ? "" : `?line=${line}`}`;

/** The file that the address names; null where it names none. */
export function pathInAddress(pathname: string): string | null {
  const [, path = ""] = /^\/folders\/[^/]+\/edit\/(.+)$/.exec(pathname) ?? [];
  try {
    return path === "" ? null : path.split("/").map(decodeURIComponent).join("/");
  } catch {
    return null;
  }
}

/** The two names that make a file the folder's model definition. */
export const isDefinitionPath = (path: string): boolean => path === "model-definition.yml" || path === "model-definition.yaml";
