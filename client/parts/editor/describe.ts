/** What the schema says of a key or a value, as the small page that completion and hovering show. */
import { kindOf, type JsonSchema } from "./json-schema.ts";
import { scalarOf } from "./snippets.ts";

export function describe(name: string, schemas: readonly JsonSchema[], required: boolean): HTMLElement {
  const page = document.createElement("div");
  page.className = "cm-about";
  const head = page.appendChild(document.createElement("div"));
  head.appendChild(document.createElement("code")).textContent = name;
  const kind = kindOf(schemas);
  const facts = [...(kind === "" ? [] : [kind]), ...(required ? ["required"] : [])].join(" · ");
  if (facts !== "") head.append(" ", aside(facts));
  for (const text of new Set(schemas.flatMap(({ description }) => description ?? []))) page.appendChild(paragraph(text));
  const defaults = [
    ...new Set(schemas.flatMap((schema) => (schema.default === undefined || schema.default === null ? [] : [short(schema.default)]))),
  ];
  if (defaults.length > 0) page.appendChild(paragraph(`Default: \`${defaults.join("` or `")}\``));
  return page;
}

const short = (value: unknown): string => (typeof value === "object" ? JSON.stringify(value) : scalarOf(value));

function aside(text: string): HTMLElement {
  const element = document.createElement("span");
  element.className = "cm-about-facts";
  element.textContent = text;
  return element;
}

/** With what stands in backticks set as code. */
function paragraph(text: string): HTMLElement {
  const element = document.createElement("p");
  for (const [place, part] of text.split(/`([^`]+)`/).entries()) {
    if (place % 2 === 0) element.append(part);
    else element.appendChild(document.createElement("code")).textContent = part;
  }
  return element;
}
