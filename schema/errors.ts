/**
 * What a user can expect to go wrong, as types of the schema. This is the one place where an `Outcome` becomes a member of a
 * mutation's result: `valueOf` throws what was refused, and the errors plugin catches exactly these.
 */
import { GraphQLError } from "graphql";
import type { z } from "zod";
import type { FieldProblem, Outcome, Refusal } from "../server/model/problem.ts";
import { builder } from "./builder.ts";
import type { Context } from "./context.ts";

class ValidationError extends Error {
  readonly fields: readonly FieldProblem[];
  constructor(message: string, fields: readonly FieldProblem[]) {
    super(message);
    this.fields = fields;
  }
}
class ConflictError extends Error {}
class NotFoundError extends Error {}

class ForbiddenError extends Error {}

/** The `errors` option of every mutation. */
export const refusals = { types: [ValidationError, ConflictError, NotFoundError] };

/** Of mutations for administrators only. */
export const adminRefusals = { types: [...refusals.types, ForbiddenError] };

/** Only inside a field with `errors: adminRefusals`. */
export function onlyAdministrators({ viewer }: Context): void {
  if (viewer.user.role !== "ADMIN") throw new ForbiddenError("Only administrators may do this.");
}

/** Only inside a field with `errors: refusals`. */
export function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw errorOf(outcome.refusal);
}

function errorOf(refusal: Refusal): Error {
  switch (refusal.kind) {
    case "validation":
      return new ValidationError(refusal.message, refusal.fields);
    case "conflict":
      return new ConflictError(refusal.message);
    case "notFound":
      return new NotFoundError(refusal.message);
  }
}

/** What was refused, field by field, for who only wants to know. A refusal that is about no field is about the whole. */
export function problemsOf(thrown: unknown): readonly FieldProblem[] {
  if (thrown instanceof ValidationError) return thrown.fields;
  if (thrown instanceof ConflictError || thrown instanceof NotFoundError) return [{ path: "", message: thrown.message }];
  throw thrown;
}

/** All problems of an input at once, each at its field. */
export function checkInput<Schema extends z.ZodType>(schema: Schema, input: z.input<Schema>): Outcome<z.output<Schema>> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return { ok: true, value: parsed.data };
  const fields = parsed.error.issues.map((issue) => ({ path: dotted(issue.path), message: issue.message }));
  const message = fields.map((field) => `${field.path} ${field.message}`).join("; ");
  return { ok: false, refusal: { kind: "validation", message, fields } };
}

const dotted = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, step) => (typeof step === "number" ? `${text}[${step}]` : text === "" ? String(step) : `${text}.${String(step)}`), "");

/** Arguments of a query that cannot be answered. In `errors[]`, because a query has no result type to say it in. */
export const badUserInput = (message: string): GraphQLError => new GraphQLError(message, { extensions: { code: "BAD_USER_INPUT" } });

const ErrorInterface = builder.interfaceRef<Error>("Error").implement({
  fields: (t) => ({ message: t.exposeString("message", { description: "One plain sentence for the user." }) }),
});

const ValidationErrorField = builder.objectRef<FieldProblem>("ValidationErrorField").implement({
  fields: (t) => ({
    path: t.exposeString("path", { description: "Dotted path inside the input: `resources.cpu`, `mounts[0].path`." }),
    message: t.exposeString("message", { description: "What would be right; goes after the field's name." }),
  }),
});

builder.objectType(ValidationError, {
  name: "ValidationError",
  interfaces: [ErrorInterface],
  fields: (t) => ({ fields: t.expose("fields", { type: [ValidationErrorField] }) }),
});
builder.objectType(ConflictError, { name: "ConflictError", interfaces: [ErrorInterface] });
builder.objectType(ForbiddenError, { name: "ForbiddenError", interfaces: [ErrorInterface] });
builder.objectType(NotFoundError, { name: "NotFoundError", interfaces: [ErrorInterface] });
