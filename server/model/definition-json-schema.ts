/**
 * The JSON Schema of definitions, for editors: the console's, and any that knows YAML schemas. It says what the check says as far as
 * JSON Schema can; variables, and that one model only is served, are left to the check.
 */
import { z } from "zod";
import { modelDefinition, service } from "./model-definition.ts";

type Schema = z.core.JSONSchema.BaseSchema;

export function definitionJsonSchema(): object {
  return z.toJSONSchema(modelDefinition, {
    io: "input",
    override: ({ zodSchema, jsonSchema }) => {
      // Left out by zod where a value is read into another: an editor shows what may be written.
      const { examples } = z.globalRegistry.get(zodSchema) ?? {};
      if (examples !== undefined) jsonSchema.examples = examples as unknown[];
      if (zodSchema._zod.def.type === "default") jsonSchema.default = (zodSchema._zod.def as z.core.$ZodDefaultDef).defaultValue as never;
      for (const [key, property] of Object.entries(jsonSchema.properties ?? {})) {
        // `health_check:` without a value is as absent; so editors are not to complain about it.
        if (typeof property === "object" && !(jsonSchema.required ?? []).includes(key)) allowNull(property);
      }
      if (zodSchema === (service as z.core.$ZodType)) alsoCommand(jsonSchema);
    },
  });
}

function allowNull(property: Schema): void {
  if (property.anyOf !== undefined) {
    if (!property.anyOf.some((one) => one.type === "null")) property.anyOf = [...property.anyOf, { type: "null" }];
  } else if (typeof property.type === "string" && property.type !== "null") {
    (property as { type: unknown }).type = [property.type, "null"];
  }
}

/** The original's other name for the start command. */
function alsoCommand(jsonSchema: Schema): void {
  const { start_command: command } = jsonSchema.properties ?? {};
  if (typeof command !== "object") throw new Error("a service has a start_command");
  jsonSchema.properties = { ...jsonSchema.properties, command: { ...command, description: "Another name for `start_command`.", deprecated: true } };
  jsonSchema.required = (jsonSchema.required ?? []).filter((key) => key !== "start_command");
  const written = { type: ["string", "array"], description: command.description } as unknown as Schema;
  jsonSchema.oneOf = ["start_command", "command"].map((key) => ({ type: "object", properties: { [key]: written }, required: [key] }));
}
