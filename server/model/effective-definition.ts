/** The definition that a revision runs: the file's own, completed by what the environment knows about serving. */
import { modelWithService, type ModelDefinition, type ModelService } from "./model-definition.ts";
import { fileProblem, type Problem } from "./problem.ts";

/** What serves a folder that does not say it itself. */
export type ServingEnvironment = {
  readonly name: string;
  /** How a model is served in the environment whose definition does not say it. */
  readonly defaultService: ModelService | null;
  /** What callers name the model by that no definition names: the folder's name, so that it is the same in every service of it. */
  readonly folderName: string;
};

const modelPath = "/models";

/** A definition without `service` has its first model served as the environment does it; null where the environment has no way. */
export function effectiveDefinition(written: ModelDefinition, { defaultService }: ServingEnvironment): ModelDefinition | null {
  if (modelWithService(written) !== null) return written;
  if (defaultService === null) return null;
  return { models: written.models.map((model, index) => (index === 0 ? { ...model, service: defaultService } : model)) };
}

/** Of a folder without a file; null where the environment has no way to serve one. */
export const definitionWithoutFile = ({ defaultService, folderName }: ServingEnvironment): ModelDefinition | null =>
  defaultService === null ? null : { models: [{ name: folderName, model_path: modelPath, service: defaultService, metadata: {} }] };

/** Follows the field's name. */
export const lacksCommand = (environment: ServingEnvironment): string =>
  `must be an environment with a command of its own, because the definition has no \`service\`; ${environment.name} has none. Write \`service\` with \`start_command\` and \`port\`, or choose another environment.`;

export const lacksService = (environment: ServingEnvironment): Problem => ({
  ...fileProblem(
    `no model has a \`service\`, and the environment ${environment.name} has no command of its own`,
    "Write `service` with `start_command` and `port`, then clear errors and retry.",
  ),
  path: "models",
});

/** Is that what is wrong? Then another environment would help. */
export const isUnserved = (problems: readonly Problem[], environment: ServingEnvironment): boolean =>
  problems.some(({ message }) => message === lacksService(environment).message);
