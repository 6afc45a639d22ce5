/** How accelerators that there are can be named: each kind by itself, all of a vendor's, all of a type. Pure. */

/** @param kinds as the API has them: `nvidia/gpu/H100`. @returns each once, in order. */
export const acceleratorNames = (kinds: readonly string[]): readonly string[] =>
  [
    ...new Set(
      kinds.flatMap((kind) => {
        const [vendor = "", type = ""] = kind.split("/");
        return [type, `${vendor}/${type}`, kind];
      }),
    ),
  ].toSorted();
