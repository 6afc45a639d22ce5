/** What writing a model definition is helped by: completion and explanations, both from the schema that the server checks with. */
import { autocompletion } from "@codemirror/autocomplete";
import type { Extension } from "@codemirror/state";
import schema from "../../../schema/model-definition.schema.json" with { type: "json" };
import { completeDefinition } from "./definition-complete.ts";
import { hoverDefinition } from "./definition-hover.ts";
import type { JsonSchema } from "./json-schema.ts";

const root = schema as unknown as JsonSchema;

export const helpDefinition: Extension = [
  autocompletion({ override: [completeDefinition(root)], activateOnTyping: true, icons: false, closeOnBlur: true }),
  hoverDefinition(root),
];
