/** What stands where there is nothing yet: what it is, and what to do first, with the button. */
import type { ReactElement, ReactNode } from "react";

type BlankProps = { readonly title: string; readonly text: string; readonly children?: ReactNode };

export function Blank({ title, text, children }: BlankProps): ReactElement {
  return (
    <div className="blank">
      <h2>{title}</h2>
      <p>{text}</p>
      {children}
    </div>
  );
}
