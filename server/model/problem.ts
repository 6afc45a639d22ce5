/** What is wrong with something a user wrote: where, what, and what would be right. */
export type Problem = {
  /** Dotted path inside the document, for example `models[0].service.port`; empty for the document as a whole. */
  readonly path: string;
  /** 1-based; null where the place is not known. */
  readonly line: number | null;
  readonly column: number | null;
  readonly message: string;
  readonly hint: string | null;
};

/** A problem of a file as a whole. */
export const fileProblem = (message: string, hint: string | null): Problem => ({ path: "", line: null, column: null, message, hint });

/** Something a user gave that cannot be accepted, by field. */
export type FieldProblem = { readonly path: string; readonly message: string };

/**
 * The outcomes that a user can expect when asking for a change: shown to them as they are.
 * The API turns each kind into the GraphQL type of the same name.
 */
export type Refusal =
  | { readonly kind: "validation"; readonly message: string; readonly fields: readonly FieldProblem[] }
  | { readonly kind: "conflict"; readonly message: string }
  | { readonly kind: "notFound"; readonly message: string };

export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal };

export const done = <T>(value: T): Outcome<T> => ({ ok: true, value });
const refused = (refusal: Refusal): Outcome<never> => ({ ok: false, refusal });
export const notFound = (what: string): Outcome<never> => refused({ kind: "notFound", message: `There is no ${what}.` });
export const conflict = (message: string): Outcome<never> => refused({ kind: "conflict", message });
export const invalid = (fields: readonly FieldProblem[]): Outcome<never> =>
  refused({ kind: "validation", message: fields.map((field) => `${field.path}: ${field.message}`).join("; "), fields });
