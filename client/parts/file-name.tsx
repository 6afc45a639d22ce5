/** A name of a file as it is shown: what cannot be seen in it stands out as a code (visible-name.ts). */
import type { ReactElement } from "react";
import { partsOf } from "./visible-name.ts";

export const FileName = ({ children }: { readonly children: string }): ReactElement => (
  <>
    {partsOf(children).map(({ text, isCode }, place) =>
      isCode ? (
        <code key={place} className="unseen-character">
          {text}
        </code>
      ) : (
        text
      ),
    )}
  </>
);
