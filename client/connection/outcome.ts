/**
 * What came of a mutation: its success type, or one of the expected failures, which a user sees as they are.
 * The unions in the schema share the shape that is told apart here, so that every dialog treats failures alike.
 */
export type FieldErrors = Readonly<Record<string, string>>;

export type Refused = {
  readonly ok: false;
  /** What is wished for and what is there cannot both be, such as two of one name. */
  readonly isConflict: boolean;
  /** For the top of the dialog; null where the fields say it all. */
  readonly message: string | null;
  readonly fields: FieldErrors;
};

type Failing = { readonly message?: string; readonly fields?: readonly { readonly path: string; readonly message: string }[] };
type Typed = { readonly __typename: string };

/** `known`: the fields that the dialog can show an error at; the others' errors go to the top, so that none is lost. */
export function outcomeOf<Result extends Typed, Success extends Result["__typename"]>(
  result: Result,
  success: Success,
  known: readonly string[] = [],
): { readonly ok: true; readonly value: Extract<Result, { __typename: Success }> } | Refused {
  if (result.__typename === success) return { ok: true, value: result as Extract<Result, { __typename: Success }> };
  return { ...refusalOf(result as unknown as Failing, known), isConflict: result.__typename === "ConflictError" };
}

function refusalOf(failing: Failing, known: readonly string[]): Omit<Refused, "isConflict"> {
  const all = failing.fields ?? [];
  const fields = Object.fromEntries(all.filter((field) => known.includes(field.path)).map((field) => [field.path, inWords(field.message)]));
  const others = all.filter((field) => !known.includes(field.path));
  if (all.length === 0) return { ok: false, message: inWords(failing.message), fields };
  if (others.length === 0) return { ok: false, message: null, fields };
  return { ok: false, message: others.map((field) => `${field.path}: ${field.message}`).join("; "), fields };
}

/** The server says what would be right, to go after a field's name: as a sentence of its own. */
export function inWords(message: string | undefined): string {
  if (message === undefined) return "Serai refused it without a reason.";
  const sentence = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}

/** The server could not be asked: said at the top of the dialog, and what was typed stays. */
export const unreachable = (thrown: unknown): Refused => ({
  ok: false,
  isConflict: false,
  message: thrown instanceof Error ? thrown.message : String(thrown),
  fields: {},
});
