/**
 * What is typed, judged by the server without doing it, for a new service and for a changed one: what is wrong with a field stands at it
 * until the field is something else; what is left is for the verdict.
 */
import type { UseFormReturnType } from "@mantine/form";
import { inWords } from "../../connection/outcome.ts";
import type { CheckItemFragment, TypedDocumentString } from "../../gql/graphql.ts";
import { isAboutName } from "../../parts/refused-name.ts";
import { useDryRun } from "./use-dry-run.ts";
import { fieldsOf, type ServiceValues } from "./values.ts";

type Problem = CheckItemFragment["problems"][number];

export type Checked<Check> = {
  /** The last judgement; undefined before there is one. */
  readonly check: Check | undefined;
  /** It is about just what is typed. */
  readonly isCurrent: boolean;
  /** Why there is no newer one. */
  readonly unanswered: string | null;
  /** How many fields have a problem that only the server knew. */
  readonly atFields: number;
  /** Of the definition, and of no field. */
  readonly ofDefinition: readonly Problem[];
  readonly others: readonly Problem[];
  /** The form, with these problems at their fields. */
  readonly form: UseFormReturnType<ServiceValues>;
};

type Asking<Data, Input, Check> = {
  readonly document: TypedDocumentString<Data, { input: Input }>;
  readonly checkOf: (data: Data) => Check;
  readonly form: UseFormReturnType<ServiceValues>;
  readonly input: Input;
  /** What the form itself knows to be wrong is not asked about. */
  readonly isAsked: boolean;
  /** Another text: what is there has changed. */
  readonly since?: string;
};

export function useCheck<Data, Input extends object, Check extends CheckItemFragment>(asking: Asking<Data, Input, Check>): Checked<Check> {
  const { document, checkOf, form, input, isAsked, since } = asking;
  const { known, isCurrent, problem } = useDryRun(document, isAsked ? input : null, since);
  const check = known === undefined ? undefined : checkOf(known.data);
  const fields = fieldsOf(form.values);
  const ofDefinition: Problem[] = [];
  const others: Problem[] = [];
  const errors: Record<string, string> = {};
  for (const one of check?.problems ?? []) {
    const path = one.path === "" && isAboutName(one.message, form.values.name) ? "name" : one.path;
    const field = fields[path];
    if (/^definition(\.|$)/.test(path)) ofDefinition.push(one);
    else if (field === undefined) others.push(one);
    else if (isSame(at(known?.input, path), at(input, path))) errors[field] = inWords(one.message);
  }
  const atFields = Object.keys(errors).length;
  return { check, isCurrent, unanswered: problem, atFields, ofDefinition, others, form: atFields === 0 ? form : withErrors(form, errors) };
}

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
/** `mounts[0].path` within the input. */
const at = (input: unknown, path: string): unknown =>
  path.split(/[.[\]]+/).reduce<unknown>((value, step) => (step === "" ? value : (value as Record<string, unknown> | undefined)?.[step]), input);

/** What the form says of a field goes before. */
function withErrors(form: UseFormReturnType<ServiceValues>, errors: Readonly<Record<string, string>>): UseFormReturnType<ServiceValues> {
  const getInputProps: typeof form.getInputProps = (path, options) => {
    const props = form.getInputProps(path, options);
    return props["error"] === undefined || props["error"] === null ? { ...props, error: errors[String(path)] } : props;
  };
  return { ...form, errors: { ...errors, ...form.errors }, getInputProps };
}
