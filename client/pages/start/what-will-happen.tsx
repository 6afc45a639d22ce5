/** What pressing Start will do, said before it is pressed. */
import type { ReactElement } from "react";

export const WhatWillHappen = ({ steps }: { readonly steps: readonly string[] }): ReactElement => (
  <aside aria-label="What will happen">
    <h3 style={{ fontSize: "0.875rem", fontWeight: 600 }}>What will happen</h3>
    <ul className="steps-ahead">
      {steps.map((step) => (
        <li key={step}>{step}</li>
      ))}
    </ul>
  </aside>
);
