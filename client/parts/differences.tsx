/** What one revision has that another has not: in a few words, or field by field. */
import "./differences.css";
import type { ReactElement } from "react";
import { fieldInWords } from "./field-words.ts";
import type { Difference } from "./field-words.ts";

export function Differences({ differences }: { readonly differences: readonly Difference[] }): ReactElement {
  return (
    <ul className="differences" aria-label="Differences">
      {differences.map((difference) => (
        <li key={difference.path}>
          <span>{fieldInWords(difference.path)}</span>
          <span className="values">
            <Value text={difference.before} none="not there" /> →{" "}
            {difference.secret && difference.before !== null && difference.after !== null ? (
              <span>another secret</span>
            ) : (
              <Value text={difference.after} none="removed" />
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}

const Value = ({ text, none }: { readonly text: string | null; readonly none: string }): ReactElement =>
  text === null ? <span className="soft">{none}</span> : text === "" ? <span className="soft">empty</span> : <span>{text}</span>;
