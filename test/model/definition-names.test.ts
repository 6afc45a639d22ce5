import { expect, test } from "vitest";
import { definitionFileNames, lookAlikeOf } from "../../server/model/definition-names.ts";

test.each([
  ["another case", "Model-Definition.yml"],
  ["capitals", "MODEL-DEFINITION.YML"],
  ["an underscore", "model_definition.yml"],
  ["no hyphen", "modeldefinition.yml"],
  ["an en dash", "model–definition.yml"],
  ["what a Windows editor appends", "model-definition.yml.txt"],
  ["what a browser appends", "model-definition (1).yml"],
  ["a copy", "model-definition - Copy.yml"],
  ["a backup", "model-definition.yml.bak"],
  ["no ending", "model-definition"],
  ["a Cyrillic o", "mоdel-definition.yml"],
  ["a fullwidth m", "ｍodel-definition.yml"],
  ["a combining accent", "mode\u{301}l-definition.yml"],
  ["a zero-width space", "model-definition.y\u{200B}ml"],
  ["a space at the end", "model-definition.yml "],
  ["a digit one for an l", "mode1-definition.yml"],
  ["a letter missing", "model-defintion.yml"],
  ["letters exchanged", "modle-definition.yml"],
])("a name with %s is taken for model-definition.yml", (_what, name) => {
  expect(lookAlikeOf(name)).toBe("model-definition.yml");
});

test("a look-alike of the .yaml name is told to become that", () => {
  expect(lookAlikeOf("Model-Definition.YAML")).toBe("model-definition.yaml");
});

test.each([...definitionFileNames, "README.md", "model.yml", "definition.yml", "model-definition.py", "model-definition-notes.md", "config.yml", ""])(
  "%s is taken for nothing else",
  (name) => {
    expect(lookAlikeOf(name)).toBeNull();
  },
);

test("a name of a megabyte is nothing", () => {
  expect(lookAlikeOf("model-definition".repeat(65_536))).toBeNull();
});
