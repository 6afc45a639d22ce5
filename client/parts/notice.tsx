/** A sentence that stands out: what went wrong with what was asked. Nothing where there is nothing to say. */
import type { ReactElement, ReactNode } from "react";
import type { Tone } from "./status.tsx";

export function Notice({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }): ReactElement {
  const empty = children === null || children === "";
  return (
    <div role={tone === "red" ? "alert" : "status"} className={empty ? "unseen" : "notice"} data-tone={tone}>
      {children}
    </div>
  );
}
