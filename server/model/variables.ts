/**
 * Variables that a service's sessions get besides those of the contract (PORT, MODEL_PATH, MODEL_NAME, HOME and SERAI_*).
 * Whatever a value is, it arrives byte by byte.
 */
import { z } from "zod";

const countMax = 256;
const valueBytesMax = 32 * 1024;
/** All of them together: Nomad keeps them in 1 MiB of memory, and a process gets 2 MiB of them at most. */
const totalBytesMax = 128 * 1024;

/** PATH and LANG may be set: they replace the defaults. */
const ofSerai = new Set(["PORT", "MODEL_PATH", "MODEL_NAME", "HOME"]);
/** Shells end or misbehave when these are set from outside. */
const ofTheShell = new Set(["UID", "EUID", "PPID", "BASHOPTS", "SHELLOPTS", "BASH_VERSINFO", "OPTIND", "LINENO", "PWD", "OLDPWD", "IFS", "_"]);

const name = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, "must be 1 to 128 letters, digits and underscores, not beginning with a digit")
  .refine((text) => !ofSerai.has(text) && !text.startsWith("SERAI_"), "is set by Serai: choose another name")
  .refine((text) => !ofTheShell.has(text), "belongs to the shell: choose another name");

const value = z
  .string("must be given, unless it is a secret that the service has already")
  .refine((text) => !text.includes("\0"), "must not contain NUL")
  .refine((text) => text.isWellFormed(), "must be text in Unicode")
  .refine((text) => Buffer.byteLength(text) <= valueBytesMax, `must be ${valueBytesMax / 1024} KiB or less`);

/** What starts a session is made of these programs, and the guide's own commands are there. */
const systemPrograms = ["/bin", "/usr/bin"];
const variable = z
  .strictObject({ name, value, secret: z.boolean() })
  .refine((one) => one.name !== "PATH" || one.value.split(":").some((directory) => systemPrograms.includes(directory)), {
    path: ["value"],
    message: "of PATH must hold /usr/bin or /bin: sessions are started with the programs there, /opt/tools:/usr/bin:/bin for example",
  });

export const variables = z
  .array(variable)
  .max(countMax, `must be ${countMax} variables or fewer`)
  .superRefine((all, context) => {
    const seen = new Set<string>();
    for (const [index, one] of all.entries()) {
      if (seen.has(one.name)) context.addIssue({ code: "custom", path: [index, "name"], message: "is given twice" });
      seen.add(one.name);
    }
    const bytes = all.reduce((sum, one) => sum + Buffer.byteLength(one.name) + Buffer.byteLength(one.value), 0);
    if (bytes > totalBytesMax) context.addIssue({ code: "custom", path: [], message: `must be ${totalBytesMax / 1024} KiB or less together` });
  });
