/** What is wrong with a model definition: where, what, and what would be right. */
import type { ReactElement } from "react";
import { Words } from "./words.tsx";

type Problem = {
  readonly path: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly message: string;
  readonly hint: string | null;
};

export function Problems({ problems }: { readonly problems: readonly Problem[] }): ReactElement {
  return (
    <ul className="stack" style={{ "--gap": "8px", margin: 0, padding: 0, listStyle: "none" }}>
      {problems.map((problem) => (
        <li key={`${problem.path} ${problem.line} ${problem.message}`} className="notice" data-tone="red">
          <span className="line" style={{ "--gap": "12px", flexWrap: "wrap" }}>
            <b className="numeric unbroken">{placeOf(problem)}</b>
            {problem.path !== "" && <code className="soft">{problem.path}</code>}
          </span>
          <div>
            <Words>{problem.message}</Words>
          </div>
          {problem.hint !== null && (
            <div className="soft">
              <Words>{problem.hint}</Words>
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}

function placeOf({ line, column }: Problem): string {
  if (line === null) return "The whole file";
  return column === null ? `Line ${line}` : `Line ${line}, column ${column}`;
}
