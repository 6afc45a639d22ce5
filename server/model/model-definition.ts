/**
 * `model-definition.yml`: what a model folder says about how its model is served.
 *
 * This one schema is the source of the checks, of the types and of `schema/model-definition.schema.json`, whose descriptions the
 * console's editor shows. The keys are the guide's, and what today's original knows besides. parse-definition.ts reads the text.
 */
import { z } from "zod";
import { absolutePath, argument, flag, seconds, text, wholeNumber } from "./definition-values.ts";
import { modelPathProblem } from "./mounts.ts";
import type { Problem } from "./problem.ts";
import { startAction, startActionsMax } from "./start-action.ts";

/** Failed probes in a row that make a route UNHEALTHY. */
export const defaultMaxRetries = 10;

/** How long a first pass may take, in seconds; also where there is no health check. */
export const initialDelayDefaultSeconds = 1800;

export const healthCheckKeys = {
  path: text("a path")
    .regex(/^\//, "must begin with /")
    .regex(/^[\x21-\x7e]*$/, "must be written without spaces and in ASCII, as in a URL")
    .default("/")
    .meta({ description: "The path that is asked for whether the service is running properly.", examples: ["/health"] }),
  max_retries: wholeNumber(1, 1000)
    .default(defaultMaxRetries)
    .meta({ description: "How many checks in a row may fail before the route counts as unhealthy and gets no more requests.", examples: [5] }),
  interval: seconds(0.25, 3600)
    .default(10)
    .meta({ description: "Seconds from one check to the next.", examples: [10] }),
  max_wait_time: seconds(0.05, 600)
    .default(15)
    .meta({ description: "Seconds after which a check without an answer has failed.", examples: [15] }),
  expected_status_code: wholeNumber(100, 599)
    .default(200)
    .meta({ description: "The HTTP status that passes the check.", examples: [200] }),
  initial_delay: seconds(0, 86_400)
    .default(initialDelayDefaultSeconds)
    .meta({
      description: "Seconds that may pass from the start to the first check that passes: the time that loading the model may take.",
      examples: [1800],
    }),
};
const healthCheck = z
  .strictObject(
    { ...healthCheckKeys, enable: flag.default(true).meta({ description: "`false`: as if there were no `health_check`." }) },
    "must be a mapping",
  )
  .transform(({ enable, ...check }) => (enable ? check : null));

export const serviceKeys = {
  pre_start_actions: z
    .array(startAction, "must be a list of actions")
    .max(startActionsMax, `must hold ${startActionsMax} actions or less`)
    .default([])
    .meta({ description: "Actions to be executed before the `start_command`, one after the other. The first that fails ends the start." }),
  start_command: z
    .union(
      [
        text("a text or a list of texts").refine((command) => command.trim() !== "", "must not be empty"),
        z
          .array(argument)
          .min(1, "must not be empty: the first item is the program")
          .refine(([program]) => program !== "", { path: [0], message: "must name a program" }),
      ],
      "must be a text or a list of texts",
    )
    .meta({
      description: "The command that serves the model. A list is run as it is: the program and its arguments. A text is run by the shell.",
      examples: [["python", "-m", "http.server", "--directory", "/home/work", "8000"], "vllm serve {model_path} --port {port}"],
    }),
  shell: absolutePath
    .nullable()
    .default(null)
    .meta({
      description: "The shell for a `start_command` that is one text. Absent: `/bin/bash` where there is one, else `/bin/sh`.",
      examples: ["/bin/bash"],
    }),
  port: wholeNumber(1, 65_535).meta({ description: "The port that the start command listens on.", examples: [8000] }),
  health_check: healthCheck.nullable().default(null).meta({
    description: "How to see whether the service is running without any error. Absent: it is while its port accepts connections.",
  }),
};
export const service = z.strictObject(serviceKeys, "must be a mapping with `start_command` and `port`");

const label = z.union([z.string(), z.number().transform(String), z.boolean().transform(String)], "must be text");
const labels = z.union([label.transform((one) => [one]), z.array(label)], "must be a text or a list of texts");
const about = (description: string, schema: z.ZodType = label) => schema.optional().meta({ description });

/** For people and for lists of models; nothing depends on it. */
export const metadataKeys = {
  author: about("Who made the model."),
  title: about("What to call the model where people read it."),
  version: about("The model's version."),
  created: about("When the model was made."),
  created_at: about("When the model was made."),
  last_modified: about("When the model was last changed."),
  modified_at: about("When the model was last changed."),
  description: about("What the model is and does."),
  task: about("What it is for, for example `text-generation`."),
  category: about("The field it belongs to."),
  architecture: about("How it is built, for example `transformer`."),
  framework: about("What it runs on, one or more.", labels),
  label: about("Words to find it by.", labels),
  license: about("Under what terms it may be used."),
  min_resource: about("What a session of it needs at least.", z.record(z.string(), z.unknown(), "must be a mapping")),
};

export const modelKeys = {
  name: text("text")
    .max(255, "must be 255 characters or less")
    .refine((name) => !/\p{Control}/u.test(name), "must be one line of text")
    .meta({ description: "The name of the model.", examples: ["simple-http-server"] }),
  model_path: absolutePath
    .superRefine((path, context) => {
      const message = modelPathProblem(path);
      if (message !== null) context.addIssue({ code: "custom", message });
    })
    .meta({ description: "The path where the model's folder is mounted in a session.", examples: ["/models"] }),
  service: service.nullable().default(null).meta({ description: "How the model is served. One model of a definition has it." }),
  metadata: z
    .looseObject(metadataKeys, "must be a mapping")
    .default({})
    .meta({ description: "About the model, for people. Other keys are allowed." }),
};
const model = z.strictObject(modelKeys, "must be a mapping with `name` and `model_path`");

export const modelDefinition = z
  .strictObject(
    {
      models: z
        .array(model, "must be a list of models")
        .min(1, "must hold a model")
        .meta({ description: "The models of this folder; one of them is served." }),
    },
    "must be a mapping with the key `models`",
  )
  .meta({ title: "Model definition", description: "What a model folder says about how its model is served: model-definition.yml" });

export type HealthCheck = NonNullable<z.output<typeof healthCheck>>;
export type ModelService = z.output<typeof service>;
export type Model = z.output<typeof model>;
export type ServedModel = Model & { readonly service: ModelService };
export type ModelDefinition = z.output<typeof modelDefinition>;

/** The model that a definition serves; null where none of its models has a `service`. */
export const modelWithService = (parsed: ModelDefinition): ServedModel | null =>
  parsed.models.find((one): one is ServedModel => one.service !== null) ?? null;

/** The model that a definition serves. A revision's definition always has one. */
export function servedModel(parsed: ModelDefinition): ServedModel {
  const served = modelWithService(parsed);
  if (served === null) throw new Error("the definition has no service");
  return served;
}

/** What was found where a definition should be: its text, or why there is none. Warnings keep nothing from being started. */
export type DefinitionFile =
  | { readonly text: string; readonly hash: string; readonly name: string; readonly warnings: readonly Problem[] }
  /** `isMissing`: there is no file at all, so the environment may know how to serve the folder. */
  | { readonly problem: Problem; readonly isMissing: boolean; readonly warnings: readonly Problem[] };
