/**
 * The two names that a definition may have, and the names that only look like them: another case, another script's letters, a `.txt`
 * that an editor appended. Such a file is never read; whoever lists files or misses a definition says so instead of leaving it unseen.
 */

export const definitionFileNames = ["model-definition.yml", "model-definition.yaml"] as const;
export type DefinitionFileName = (typeof definitionFileNames)[number];

/** Letters of other scripts that are drawn like these of the names. */
const drawnLike: Record<string, string> = {
  а: "a", ɑ: "a", α: "a", ԁ: "d", ɗ: "d", е: "e", ё: "e", ҽ: "e", ε: "e", ƒ: "f", ғ: "f", і: "i", ї: "i", ı: "i", ι: "i", ӏ: "l", ⅼ: "l",
  "|": "l", м: "m", п: "n", ո: "n", η: "n", о: "o", ο: "o", σ: "o", օ: "o", "0": "o", "1": "l", т: "t", τ: "t", у: "y", ү: "y", γ: "y", ʏ: "y",
}; // prettier-ignore

/** What is added to a name by editors, by downloads, and by people who keep a copy. */
const added = /(\.(txt|bak|old|orig|tmp|save|swp|j2|example|sample|dist|template)|~|\s*\(\d+\)|[\s._-]*copy)+$/;

/** The name that this one will be taken for by a person, though it is another; null where it is none of that kind, or is right. */
export function lookAlikeOf(name: string): DefinitionFileName | null {
  if (definitionFileNames.some((right) => right === name)) return null;
  if (name.length > 100) return null;
  const shape = shapeOf(name).replace(added, "");
  const dot = shape.lastIndexOf(".");
  const [base, extension] = dot < 0 ? [shape, ""] : [shape.slice(0, dot), shape.slice(dot + 1)];
  if (!/^(y[am]*l+|json|)$/.test(extension)) return null;
  const letters = base.replace(added, "").replaceAll(/[^\p{L}\p{N}]/gu, "");
  if (!/^models?defini?tions?(y[am]*l+)?$/.test(letters) && !isTypingErrorOf(letters)) return null;
  return extension.startsWith("ya") ? "model-definition.yaml" : "model-definition.yml";
}

/** The name in small Latin letters, as far as it is drawn like them, without what cannot be seen. */
function shapeOf(name: string): string {
  const visible = name
    .normalize("NFKC")
    .toLowerCase()
    .normalize("NFD")
    .replaceAll(/[\p{Mark}\p{Default_Ignorable_Code_Point}\p{Control}]/gu, "")
    .trim();
  return Array.from(visible, (letter) => drawnLike[letter] ?? letter).join("");
}

const wanted = "modeldefinition";

/** One letter wrong, missing, too many, or two next to each other exchanged. */
function isTypingErrorOf(letters: string): boolean {
  let from = 0;
  while (from < wanted.length && letters[from] === wanted[from]) from += 1;
  const [rest, wantedRest] = [letters.slice(from), wanted.slice(from)];
  const exchanged = `${wantedRest[1] ?? ""}${wantedRest[0] ?? ""}${wantedRest.slice(2)}`;
  return rest.slice(1) === wantedRest || rest === wantedRest.slice(1) || rest.slice(1) === wantedRest.slice(1) || rest === exchanged;
}
