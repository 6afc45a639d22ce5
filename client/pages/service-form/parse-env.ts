/**
 * The text of a .env file as variables: `NAME=value` by lines, `export` before, `#` comments, quotes as shells have them. What is between
 * double quotes may be several lines and have `\n`, `\"` and `\\`; between single quotes everything is meant as it stands.
 */
export type EnvVariable = { readonly name: string; readonly value: string; readonly secret: boolean };

const assignment = /^[^\S\n]*(?:export[^\S\n]+)?([A-Za-z_][A-Za-z0-9_]*)[^\S\n]*=[^\S\n]*(?:"((?:[^"\\]|\\[\s\S])*)"|'([^']*)'|([^\n]*))[^\n]*$/gm;

/** Names whose values are likely not for everybody's eyes. */
const secretName = /(SECRET|TOKEN|PASSWORD|PASSWD|CREDENTIAL|PRIVATE|(^|_)(API_?)?KEY($|_))/i;

/** Nothing where the text is no such file; a name that comes again wins, as in a shell. */
export function parseEnv(text: string): readonly EnvVariable[] {
  const found = new Map<string, string>();
  for (const [, name = "", double, single, plain = ""] of text.replaceAll("\r\n", "\n").matchAll(assignment)) {
    if (double !== undefined)
      found.set(
        name,
        double.replaceAll(/\\([\s\S])/g, (_all, letter: string) => escapes[letter] ?? `\\${letter}`),
      );
    else found.set(name, single ?? plain.replace(/(^|\s)#.*$/, "").trim());
  }
  return [...found].map(([name, value]) => ({ name, value, secret: secretName.test(name) }));
}

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\", $: "$" };
