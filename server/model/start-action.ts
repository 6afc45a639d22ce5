/**
 * The actions that a definition has run before its start command, in the guide's words: one zod schema each is the source of the
 * check, the type and the JSON Schema.
 */
import { z } from "zod";

export const text = (what: string) => z.string(`must be ${what}`).min(1, "must not be empty");
/** What is absent and what is written without a value mean the same. */
export const optional = <T extends z.ZodType>(schema: T, fallback: z.output<T>) =>
  z.preprocess((value) => (value === null ? undefined : value), schema.optional()).transform((value) => value ?? fallback);
export const orNull = <T extends z.ZodType>(schema: T) => z.preprocess((value) => value ?? null, schema.nullable());
export const argument = z
  .string("must be text (write numbers in quotes)")
  .refine((value) => !value.includes("\0"), "must not contain a NUL character");

/** `"644"`, `644` and `0644` all mean rw-r--r--: always three or four octal digits here. */
const mode = z
  .union([z.string(), z.int().transform(String)])
  .pipe(z.string().regex(/^0?[0-7]{3}$/, 'must be three octal digits, such as "644"'))
  .transform((digits) => digits.slice(-3));

/** A list is lines, each ended by a line break; a text is written as it is. */
const body = z.union([argument, z.array(argument).transform((lines) => lines.map((line) => `${line}\n`).join(""))]);

const flag = (fallback: boolean) => z.preprocess((value) => value ?? fallback, z.boolean("must be true or false"));

const argumentsOf = {
  write_file: z.strictObject({
    filename: text("a path"),
    body,
    mode: z.preprocess((value) => value ?? "644", mode),
    append: flag(false),
  }),
  write_tempfile: z.strictObject({ body, mode: z.preprocess((value) => value ?? "644", mode) }),
  run_command: z.strictObject({
    command: z.array(argument, "must be a list: the program and its arguments").min(1, "must not be empty"),
    /** A failure is recorded, and the start goes on. */
    ignore_errors: flag(false),
    /** Seconds; null: only the start as a whole is limited, by health_check.initial_delay. */
    time_limit: orNull(z.number("must be seconds").min(0.1, "must be 0.1 seconds or more")),
  }),
  mkdir: z.strictObject({ path: text("a path") }),
  log: z.strictObject({ message: argument, debug: flag(false) }),
};

/** The name by which what comes after speaks of an action's result: `{name}`, `{name.out}`. */
const ref = orNull(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, "must be a name: letters, digits and _, not beginning with a digit"));
const one = <Name extends keyof typeof argumentsOf>(name: Name) => z.strictObject({ action: z.literal(name), ref, args: argumentsOf[name] });

export const startAction = z.discriminatedUnion("action", [one("write_file"), one("write_tempfile"), one("run_command"), one("mkdir"), one("log")]);
export type StartAction = z.output<typeof startAction>;
