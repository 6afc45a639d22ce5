/** Model definitions as they were read, and what is wrong with them. */
import type { ServedModel } from "../server/model/model-definition.ts";
import { parseModelDefinition } from "../server/model/parse-definition.ts";
import type { Problem } from "../server/model/problem.ts";
import { builder } from "./builder.ts";

export const ModelDefinition = builder.objectRef<ServedModel>("ModelDefinition").implement({
  fields: (t) => ({
    modelName: t.exposeString("name"),
    modelPath: t.exposeString("model_path"),
    startCommand: t.stringList({ resolve: ({ service }) => [service.start_command].flat() }),
    port: t.int({ resolve: (model) => model.service.port }),
    healthCheckPath: t.string({ nullable: true, resolve: (model) => model.service.health_check?.path ?? null }),
  }),
});

export const DefinitionProblem = builder.objectRef<Problem>("DefinitionProblem").implement({
  fields: (t) => ({
    path: t.exposeString("path", { description: "Dotted path inside the file: `models[0].service.port`; empty for the file as a whole." }),
    line: t.exposeInt("line", { nullable: true, description: "The first line is 1." }),
    column: t.exposeInt("column", { nullable: true }),
    message: t.exposeString("message"),
    hint: t.exposeString("hint", { nullable: true }),
  }),
});

const ModelDefinitionCheck = builder.objectRef<readonly Problem[]>("ModelDefinitionCheck").implement({
  fields: (t) => ({
    valid: t.boolean({ resolve: (problems) => problems.length === 0 }),
    problems: t.field({ type: [DefinitionProblem], resolve: (problems) => [...problems] }),
  }),
});

builder.queryField("checkModelDefinition", (t) =>
  t.field({
    type: ModelDefinitionCheck,
    description: "Checks the text of a `model-definition.yml`; starts nothing.",
    args: { yaml: t.arg.string({ required: true }) },
    resolve: (_root, { yaml }) => {
      const parsed = parseModelDefinition(yaml);
      return parsed.ok ? [] : parsed.problems;
    },
  }),
);
