/**
 * The actions that a definition has run before its start command, in the guide's words: one zod schema each is the source of the
 * check, the type and the JSON Schema.
 *
 * Relative paths are relative to `model_path`, where the start command begins as well. `..` is allowed in them: an action may do what
 * the start command may, and the session's walls are the same for both.
 */
import { z } from "zod";
import { argument, flag, seconds, text } from "./definition-values.ts";

/** `"644"`, `644` and `0644` all mean rw-r--r--: always three octal digits here. The parser hands a number on as it was written. */
const threeDigits = 'must be three octal digits, such as "644"';
const octal = z.string(threeDigits).regex(/^(0o?)?[0-7]{3}$/, threeDigits);
const mode = z
  .union(
    [
      octal,
      z
        .int()
        .min(0)
        .max(777, threeDigits)
        .transform((digits) => String(digits).padStart(3, "0"))
        .pipe(octal),
    ],
    threeDigits,
  )
  .transform((digits) => digits.slice(-3))
  .default("644")
  .meta({
    description: 'The file\'s access permissions, in octal. `"644"`, `644` and `0644` mean the same: its owner writes, everybody reads.',
    examples: ["644", "755", "600"],
  });

/** A list is lines, each ended by a line break; a text is written as it is. */
const body = z
  .union([argument, z.array(argument).transform((lines) => lines.map((line) => `${line}\n`).join(""))], "must be text or a list of lines")
  .meta({
    description: "The content: a text, or a list of lines. Known variables such as `{model_path}` are replaced; all other braces stay as they are.",
    examples: ["import os\nprint(os.getcwd())\n", ["first line", "second line"]],
  });

const path = text("a path");
const mapping = "must be a mapping of what the action takes";

const argumentsOf = {
  write_file: z
    .strictObject(
      {
        filename: path
          .refine((name) => !name.endsWith("/"), "must name a file, not a directory")
          .meta({
            description: "The file's name. A relative one is relative to `model_path`; directories on the way are made.",
            examples: ["config/settings.json"],
          }),
        body,
        mode,
        append: flag.default(false).meta({ description: "`true` appends to the file; `false` overwrites it." }),
      },
      mapping,
    )
    .meta({ description: "What `write_file` takes." }),
  write_tempfile: z.strictObject({ body, mode }, mapping).meta({ description: "What `write_tempfile` takes." }),
  run_command: z
    .strictObject(
      {
        command: z
          .array(argument, "must be a list: the program and its arguments")
          .min(1, "must not be empty: the first item is the program")
          .refine(([program]) => program !== "", { path: [0], message: "must name a program" })
          .meta({
            description: 'The command as a list: the program and its arguments. No shell reads it: for one, write `[sh, -c, "…"]`.',
            examples: [["python3", "download.py", "--to", "{model_path}"]],
          }),
        ignore_errors: flag.default(false).meta({ description: "`true`: a command that fails is recorded, and the start goes on." }),
        time_limit: seconds(0.1, 86_400)
          .nullable()
          .default(null)
          .meta({
            description: "After how many seconds the command is ended and counts as failed. Absent: only `initial_delay` limits the start.",
            examples: [600],
          }),
      },
      mapping,
    )
    .meta({ description: "What `run_command` takes." }),
  mkdir: z
    .strictObject(
      {
        path: path.meta({
          description: "The directory to make, with its parents. Nothing happens where it is there.",
          examples: ["cache/tokenizer"],
        }),
      },
      mapping,
    )
    .meta({ description: "What `mkdir` takes." }),
  log: z
    .strictObject(
      {
        message: argument.meta({ description: "What the log shall say. Known variables are replaced.", examples: ["The model is in {model_path}"] }),
        debug: flag.default(false).meta({ description: "`true`: marked as a message for debugging." }),
      },
      mapping,
    )
    .meta({ description: "What `log` takes." }),
};
export type StartActionName = keyof typeof argumentsOf;
export const startActionNames = Object.keys(argumentsOf) as readonly StartActionName[];
/** The keys of each action's `args`. */
export const argumentKeys: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(argumentsOf).map(([name, schema]) => [name, Object.keys(schema.shape)]),
);

const descriptions: Record<StartActionName, string> = {
  write_file: "Creates a file with the given name and writes the body to it, or appends it.",
  write_tempfile: "Creates a file with a temporary name (`.py`). With `ref: name`, `{name}` is its path in what comes after.",
  run_command: "Runs a command. With `ref: name`, `{name.out}` and `{name.err}` are what it wrote. A command that fails ends the start.",
  mkdir: "Creates a directory, with its parents.",
  log: "Prints a message to the log.",
};

export const startActionsMax = 100;

/** The name by which what comes after speaks of an action's result: `{name}`, `{name.out}`. */
export const refPattern = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;
const ref = z
  .string("must be a name")
  .regex(refPattern, "must be a name: letters, digits and _, not beginning with a digit")
  .nullable()
  .default(null)
  .meta({
    description: "A name for the action's result. What comes after uses it as a variable: `{name}`, and of a command `{name.out}` and `{name.err}`.",
    examples: ["script"],
  });

const one = <Name extends StartActionName>(name: Name) =>
  z
    .strictObject({ action: z.literal(name).meta({ description: descriptions[name] }), ref, args: argumentsOf[name] })
    .meta({ title: name, description: descriptions[name] });

export const startAction = z.discriminatedUnion(
  "action",
  [one("write_file"), one("write_tempfile"), one("run_command"), one("mkdir"), one("log")],
  "must be a mapping with `action` and `args`",
);
export type StartAction = z.output<typeof startAction>;
