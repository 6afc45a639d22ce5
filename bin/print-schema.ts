/**
 * Prints the API's schema into schema/schema.graphql, sorted, so that a change of the API shows as a change of that file;
 * codegen reads it from there. With --check it writes nothing and fails where the file is out of date.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { lexicographicSortSchema, printSchema } from "graphql";
import { schema } from "../schema/index.ts";

const file = fileURLToPath(new URL("../schema/schema.graphql", import.meta.url));
const printed = `${printSchema(lexicographicSortSchema(schema))}\n`;

if (!process.argv.includes("--check")) {
  writeFileSync(file, printed);
} else if (readFileSync(file, "utf8") !== printed) {
  console.error("schema/schema.graphql is not what schema/ says: npm run codegen, and commit what it changes.");
  process.exitCode = 1;
}
