/** Their text beside yours, line by line. */
import type { ReactElement } from "react";
import { differenceOf } from "./difference.ts";

const signs = { same: " ", gone: "−", come: "+" } as const;
const words = { same: "", gone: "only theirs: ", come: "only yours: " } as const;

export function DifferenceView({ theirs, mine }: { readonly theirs: string; readonly mine: string }): ReactElement {
  return (
    <pre className="difference" tabIndex={0} aria-label="The difference">
      {differenceOf(theirs, mine).map((line, place) =>
        line.kind === "skipped" ? (
          <div key={place} className="soft">{`… ${line.count} ${line.count === 1 ? "line is" : "lines are"} alike`}</div>
        ) : (
          <div key={place} data-kind={line.kind}>
            <span className="unseen">{words[line.kind]}</span>
            <span aria-hidden>{signs[line.kind]} </span>
            {line.text}
          </div>
        ),
      )}
    </pre>
  );
}
