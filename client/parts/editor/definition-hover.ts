/** Hovering over a key, a known value or a variable of a model definition says what it means. */
import { syntaxTree } from "@codemirror/language";
import { hoverTooltip } from "@codemirror/view";
import type { Extension } from "@codemirror/state";
import { about } from "./definition-complete.ts";
import { describe } from "./describe.ts";
import { mappingsAt, schemasAt, type JsonSchema } from "./json-schema.ts";
import { placeAt } from "./yaml-place.ts";

export const hoverDefinition = (root: JsonSchema): Extension =>
  hoverTooltip((view, position, side) => {
    const text = view.state.sliceDoc();
    const place = placeAt(syntaxTree(view.state), text, position, side < 0 ? -1 : 1);
    const own = place?.path.at(-1);
    if (place === null || own?.kind !== "key") return null;
    const schemas = schemasAt(root, place.path);
    if (schemas.length === 0) return null;
    const mappings = mappingsAt(root, place.path.slice(0, -1), own.beside);
    const required = mappings.length > 0 && mappings.every((schema) => schema.required?.includes(own.name));
    if (place.at === "key") return tooltip(place, () => describe(own.name, schemas, required));
    // A value is explained where it is one of a few: an action's name.
    const value = text.slice(place.from, place.to);
    const chosen = mappings.filter((schema) => schema.properties?.[own.name]?.const === value);
    return chosen.length === 0 ? null : tooltip(place, () => describe(value, chosen.map(about), false));
  });

const tooltip = ({ from, to }: { readonly from: number; readonly to: number }, make: () => HTMLElement) => ({
  pos: from,
  end: to,
  above: true,
  create: () => ({ dom: make() }),
});
