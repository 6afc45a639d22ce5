/**
 * Addresses of folders and files in the console, and what a path says. A directory lies under `files/`, a text file that is
 * edited under `edit/`: two fixed words, so that no name in a folder can be mistaken for either.
 */
import type { FileKind } from "../../gql/graphql.ts";

export const encoded = (path: string): string => path.split("/").map(encodedName).join("/");

/** A byte of a name that is no UTF-8 is told by the API as a lone surrogate, U+DC80 to U+DCFF; in an address it is that byte. */
const encodedName = (name: string): string =>
  name
    .split(/([\uDC80-\uDCFF])/u)
    .map((part) =>
      /^[\uDC80-\uDCFF]$/u.test(part) ? `%${(part.charCodeAt(0) - 0xdc00).toString(16).toUpperCase()}` : encodeURIComponent(part.toWellFormed()),
    )
    .join("");

export const folderAddress = (folderId: string, path = ""): string =>
  path === "" ? `/folders/${folderId}` : `/folders/${folderId}/files/${encoded(path)}`;

export const startAddress = (folderId: string): string => `/services/new?folder=${folderId}`;

/** Where a file's bytes are; of a directory, an archive of it. */
export const downloadAddress = (folderId: string, path: string, archive?: "zip" | "tar"): string =>
  `/files/${folderId}/${encoded(path)}${archive === undefined ? "" : `?archive=${archive}`}`;

/**
 * The directory that an address means. It is read from the address as the browser has it: what the router gives is decoded
 * once already, and a name with a `%` in it would not survive that.
 */
export function pathOfAddress(pathname: string): string {
  const [, , , word, ...rest] = pathname.split("/");
  const names = word === "files" ? rest : word === undefined ? [] : [word, ...rest];
  return names
    .filter((name) => name !== "")
    .map(decoded)
    .join("/");
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

export const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
export const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")));
export const joined = (directory: string, name: string): string => (directory === "" ? name : `${directory}/${name}`);

const textBytesMax = 1024 * 1024;
const textEndings =
  /\.(ya?ml|json[l5]?|txt|md|py|sh|bash|toml|ini|cfg|conf|env|csv|tsv|xml|html?|css|[cm]?[jt]sx?|sql|jinja2?|tmpl|log|rst|properties|dockerfile|gitattributes|gitignore)$/i;
const textNames = /^(dockerfile|makefile|readme|license|notice|requirements|modelfile)$/i;

type Kinds = { readonly kind: FileKind; readonly linksTo: FileKind | null };

/** What opening means: of a link, what it leads to inside of the folder; a link that leads nowhere there stays a link. */
export const kindBehind = ({ kind, linksTo }: Kinds): FileKind => (kind === "LINK" ? (linksTo ?? "LINK") : kind);

/** Whether the editor is offered for it; whether it really is text shows when it is opened. */
export function isEditable(file: Kinds & { readonly name: string; readonly size: number | null }): boolean {
  const { name, size } = file;
  return kindBehind(file) === "FILE" && size !== null && size <= textBytesMax && (textEndings.test(name) || textNames.test(name));
}
