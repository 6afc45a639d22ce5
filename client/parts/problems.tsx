/** What is wrong with a model definition: where, what, and what would be right. A place opens where there is a way to it. */
import type { ReactElement } from "react";
import { Link } from "wouter";
import { Words } from "./words.tsx";

type Problem = {
  readonly path: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly message: string;
  readonly hint: string | null;
};

type ProblemsProps<Item extends Problem> = {
  readonly problems: readonly Item[];
  readonly tone?: "red" | "amber";
  /** The address of the editor at the problem's line. */
  readonly addressOf?: (problem: Item) => string;
  /** Where the editor is on the same page. */
  readonly onJump?: (problem: Item) => void;
};

export function Problems<Item extends Problem>({ problems, tone = "red", addressOf, onJump }: ProblemsProps<Item>): ReactElement {
  return (
    <ul className="stack" style={{ "--gap": "8px", margin: 0, padding: 0, listStyle: "none" }}>
      {problems.map((problem) => (
        <li key={`${problem.path} ${problem.line} ${problem.message}`} className="notice" data-tone={tone}>
          <span className="line" style={{ "--gap": "2px 12px", flexWrap: "wrap" }}>
            {addressOf !== undefined ? (
              <Link href={addressOf(problem)} className="place numeric unbroken">
                {placeOf(problem)}
              </Link>
            ) : onJump !== undefined ? (
              <button type="button" className="place numeric unbroken" onClick={() => onJump(problem)}>
                {placeOf(problem)}
              </button>
            ) : (
              <b className="numeric unbroken">{placeOf(problem)}</b>
            )}
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
