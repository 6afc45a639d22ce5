/** Where in its file a definition says something, for what is found wrong with it only beside other things (mounts). */
import { isNode } from "yaml";
import { readYaml, yamlText } from "./yaml-text.ts";

export type FilePlace = { readonly line: number; readonly column: number };

/** Null where it is not written there itself, by an alias for example. */
export function placeInDefinition(yaml: string, path: readonly (string | number)[]): FilePlace | null {
  const text = yamlText(yaml.replace(/^\u{FEFF}/u, ""));
  const reading = readYaml(text.text);
  if (!reading.ok) return null;
  const node = reading.document.getIn(path, true);
  const offset = isNode(node) ? node.range?.[0] : undefined;
  return offset === undefined ? null : text.position(offset);
}
