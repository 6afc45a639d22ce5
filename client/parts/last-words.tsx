/** Of what has failed: what would help, and the last lines that it wrote. */
import type { ReactElement } from "react";
import { Copy } from "./copy.tsx";
import { Words } from "./words.tsx";

export function LastWords({
  failure,
}: {
  readonly failure: { readonly hint: string | null; readonly outputTail: string } | null;
}): ReactElement | null {
  if (failure === null) return null;
  const { hint, outputTail } = failure;
  return (
    <>
      {hint !== null && (
        <p className="soft">
          <Words>{hint}</Words>
        </p>
      )}
      {outputTail !== "" && (
        <div className="command tail">
          <pre tabIndex={0} aria-label="Last lines">
            {outputTail}
          </pre>
          <Copy what="last lines" text={outputTail} />
        </div>
      )}
    </>
  );
}
