/**
 * Prints the JSON Schema of model definitions into schema/model-definition.schema.json, which editors and the console's editor read.
 * With --check it writes nothing and fails where the file is out of date.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { definitionJsonSchema } from "../server/model/definition-json-schema.ts";

const file = fileURLToPath(new URL("../schema/model-definition.schema.json", import.meta.url));
const printed = `${JSON.stringify(definitionJsonSchema(), null, 2)}\n`;

if (!process.argv.includes("--check")) {
  writeFileSync(file, printed);
} else if (readFileSync(file, "utf8") !== printed) {
  console.error("schema/model-definition.schema.json is not what server/model says: npm run codegen, and commit what it changes.");
  process.exitCode = 1;
}
