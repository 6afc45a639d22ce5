/** How the folders are looked at, kept in the address: `?tab=general&name=data&sort=-used`. What it does not understand it ignores. */
import type { FolderItemFragment } from "../../gql/graphql.ts";

export const tabs = ["general", "model", "trash"] as const;
export type FolderTab = (typeof tabs)[number];
export const folderColumns = ["name", "permission", "used", "created"] as const;
export type FolderColumn = (typeof folderColumns)[number];
export type FolderView = { readonly tab: FolderTab; readonly name: string; readonly by: FolderColumn; readonly descending: boolean };

export function readFolderView(search: URLSearchParams): FolderView {
  const sort = search.get("sort") ?? "name";
  return {
    tab: tabs.find((tab) => tab === search.get("tab")) ?? "model",
    name: search.get("name") ?? "",
    by: folderColumns.find((column) => column === sort.replace(/^-/, "")) ?? "name",
    descending: sort.startsWith("-"),
  };
}

export function writeFolderView(view: FolderView): URLSearchParams {
  const search = new URLSearchParams();
  if (view.tab !== "model") search.set("tab", view.tab);
  if (view.name !== "") search.set("name", view.name);
  const sort = `${view.descending ? "-" : ""}${view.by}`;
  if (sort !== "name") search.set("sort", sort);
  return search;
}

/** Clicking a column sorts by it, clicking again turns it around; amounts and times begin with the largest. */
export function sortFoldersBy(view: FolderView, by: FolderColumn): FolderView {
  return { ...view, by, descending: view.by === by ? !view.descending : by === "used" || by === "created" };
}

const compare: Record<FolderColumn, (a: FolderItemFragment, b: FolderItemFragment) => number> = {
  name: (a, b) => a.name.localeCompare(b.name),
  permission: (a, b) => a.permission.localeCompare(b.permission),
  used: (a, b) => (a.usedBytes ?? -1) - (b.usedBytes ?? -1),
  created: (a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt),
};

export function viewedFolders(folders: readonly FolderItemFragment[], view: FolderView): readonly FolderItemFragment[] {
  const sign = view.descending ? -1 : 1;
  const needle = view.name.trim().toLowerCase();
  return folders
    .filter((folder) => folder.name.toLowerCase().includes(needle))
    .sort((a, b) => sign * compare[view.by](a, b) || a.name.localeCompare(b.name));
}
