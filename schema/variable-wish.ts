/** Variables as they are asked for. Secrets do not reach the database as they are, and come back to nobody: a form leaves them out. */
import type { SecretVariable, StoredVariable } from "../server/model/service-spec.ts";
import type { VariableInput } from "./mount.ts";
import type { Context } from "./context.ts";

type Given = typeof VariableInput.$inferInput;

const secretNamed = (name: string, stored: readonly StoredVariable[]): SecretVariable | undefined =>
  stored.filter((one) => "encrypted" in one).find((one) => one.name === name);

const open = ({ variableSecrets, viewer }: Context, { name, encrypted }: SecretVariable): Promise<string | null> =>
  variableSecrets.decrypt(viewer.project.id, name, encrypted);

/** To be checked: with the values that secrets keep, and without one where there is none to keep. */
export const withKeptValues = (context: Context, given: readonly Given[], stored: readonly StoredVariable[]) =>
  Promise.all(
    given.map(async ({ name, value, secret }) => {
      const kept = secret === true ? secretNamed(name, stored) : undefined;
      return { name, secret: secret ?? false, value: value ?? (kept === undefined ? undefined : ((await open(context, kept)) ?? "")) };
    }),
  );

/** As they are kept. A secret with the value that it has is the same: encrypted anew it would look like another. */
export const toStored = (context: Context, given: readonly Given[], stored: readonly StoredVariable[]): Promise<StoredVariable[]> =>
  Promise.all(
    given.map(async ({ name, value, secret }) => {
      if (secret !== true) return { name, value: value ?? "" };
      const kept = secretNamed(name, stored);
      if (kept !== undefined && (typeof value !== "string" || value === (await open(context, kept)))) return kept;
      return { name, encrypted: await context.variableSecrets.encrypt(context.viewer.project.id, name, value ?? "") };
    }),
  );
