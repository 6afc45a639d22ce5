/** The language of a file by its name; each grammar is a chunk of its own, fetched when a file of its kind is opened. */
import type { Extension } from "@codemirror/state";

const byEnding: readonly { readonly ending: RegExp; readonly load: () => Promise<Extension> }[] = [
  { ending: /\.ya?ml$/i, load: async () => [(await import("./yaml-indent.ts")).yamlIndent, (await import("@codemirror/lang-yaml")).yaml()] },
  { ending: /\.(json|jsonl|ipynb)$/i, load: async () => (await import("@codemirror/lang-json")).json() },
  { ending: /\.pyi?$/i, load: async () => (await import("@codemirror/lang-python")).python() },
  { ending: /\.(md|markdown)$/i, load: async () => (await import("@codemirror/lang-markdown")).markdown() },
];

/** Nothing for names that say nothing, and where the grammar cannot be fetched: then the text has one colour. */
export async function languageOf(name: string): Promise<Extension> {
  const found = byEnding.find(({ ending }) => ending.test(name));
  return found === undefined ? [] : found.load().catch(() => []);
}
