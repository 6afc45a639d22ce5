/** Model definitions as they were read, and what is wrong with them. */
import { definitionFileNames, lookAlikeOf } from "../server/model/definition-names.ts";
import { initialDelayDefaultSeconds, modelWithService, type HealthCheck, type ServedModel } from "../server/model/model-definition.ts";
import { parseModelDefinition, type ParsedDefinition } from "../server/model/parse-definition.ts";
import { fileProblem, type Problem } from "../server/model/problem.ts";
import { summaryOf } from "../server/model/start-action-script.ts";
import type { StartAction } from "../server/model/start-action.ts";
import { builder } from "./builder.ts";

const HealthCheckType = builder.objectRef<HealthCheck>("HealthCheck").implement({
  description: "How a route is asked whether it serves.",
  fields: (t) => ({
    path: t.exposeString("path"),
    maxRetries: t.exposeInt("max_retries", { description: "Failed checks in a row that make a route unhealthy." }),
    intervalSeconds: t.exposeFloat("interval"),
    maxWaitSeconds: t.exposeFloat("max_wait_time"),
    expectedStatusCode: t.exposeInt("expected_status_code"),
  }),
});

const PlannedStartAction = builder.objectRef<StartAction & { readonly index: number }>("PlannedStartAction").implement({
  description: "What is done before the start command.",
  fields: (t) => ({
    index: t.exposeInt("index", { description: "Its place in `pre_start_actions`, from 0." }),
    action: t.exposeString("action", { description: "`run_command`, for example." }),
    summary: t.string({ description: "What it does, in a line.", resolve: summaryOf }),
    ref: t.exposeString("ref", { nullable: true, description: "The variable that its result becomes." }),
  }),
});

/** Metadata is what its author wrote, in a file that may be older than this check. */
const textIn = ({ metadata }: ServedModel, key: "title" | "description"): string | null => {
  const value = metadata[key];
  return typeof value === "string" ? value : null;
};

export const ModelDefinition = builder.objectRef<ServedModel>("ModelDefinition").implement({
  fields: (t) => ({
    modelName: t.exposeString("name"),
    modelPath: t.exposeString("model_path"),
    title: t.string({ nullable: true, resolve: (model) => textIn(model, "title") }),
    description: t.string({ nullable: true, resolve: (model) => textIn(model, "description") }),
    startCommand: t.stringList({
      description: "Program and arguments; a single item where `shell` runs a text.",
      resolve: ({ service }) => [service.start_command].flat(),
    }),
    shell: t.string({
      nullable: true,
      description: "What runs a start command that is a text; null where it is a list, or the shell is left to the session.",
      resolve: ({ service }) => (typeof service.start_command === "string" ? service.shell : null),
    }),
    port: t.int({ resolve: (model) => model.service.port }),
    healthCheckPath: t.string({ nullable: true, resolve: (model) => model.service.health_check?.path ?? null }),
    healthCheck: t.field({
      type: HealthCheckType,
      nullable: true,
      description: "Null: an accepted connection is enough.",
      resolve: (model) => model.service.health_check,
    }),
    initialDelaySeconds: t.float({
      description: "How long a first pass may take.",
      resolve: (model) => model.service.health_check?.initial_delay ?? initialDelayDefaultSeconds,
    }),
    startActions: t.field({
      type: [PlannedStartAction],
      resolve: ({ service }) => service.pre_start_actions.map((action, index) => ({ ...action, index })),
    }),
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

type Check = { readonly parsed: ParsedDefinition; readonly fileName: string | null };

const ModelDefinitionCheck = builder.objectRef<Check>("ModelDefinitionCheck").implement({
  fields: (t) => ({
    valid: t.boolean({ resolve: ({ parsed }) => parsed.ok }),
    problems: t.field({ type: [DefinitionProblem], resolve: ({ parsed }) => (parsed.ok ? [] : [...parsed.problems]) }),
    warnings: t.field({
      type: [DefinitionProblem],
      description: "What keeps nothing from being started, but may not be meant.",
      resolve: ({ parsed, fileName }) => [...warningsOfName(fileName), ...parsed.warnings],
    }),
    model: t.field({
      type: ModelDefinition,
      nullable: true,
      description: "What would be served; null where something is wrong, or no model has a `service`.",
      resolve: ({ parsed }) => (parsed.ok ? modelWithService(parsed.definition) : null),
    }),
  }),
});

function warningsOfName(name: string | null): readonly Problem[] {
  if (name === null || definitionFileNames.some((right) => right === name)) return [];
  const right = lookAlikeOf(name) ?? definitionFileNames[0];
  return [fileProblem("a file of this name is not read as a definition", `Name it \`${right}\`.`)];
}

builder.queryField("checkModelDefinition", (t) =>
  t.field({
    type: ModelDefinitionCheck,
    description: "Checks the text of a `model-definition.yml`; starts nothing.",
    args: {
      yaml: t.arg.string({ required: true }),
      fileName: t.arg.string({ description: "Where it is, or shall be: a name that is not read as a definition is a warning." }),
    },
    resolve: (_root, { yaml, fileName }) => ({ parsed: parseModelDefinition(yaml), fileName: fileName ?? null }),
  }),
);
