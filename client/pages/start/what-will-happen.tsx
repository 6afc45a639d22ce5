/** What pressing Start will do, said before it is pressed, from what is typed and what is free right now. */
import type { ReactElement } from "react";
import type { ServiceChoicesQuery } from "../../gql/graphql.ts";
import { forecast } from "./forecast.ts";
import type { ServiceValues } from "../service-form/values.ts";

type WhatWillHappenProps = { readonly values: ServiceValues; readonly choices: ServiceChoicesQuery | undefined };

export function WhatWillHappen({ values, choices }: WhatWillHappenProps): ReactElement {
  const { steps, warning } = forecast(values, choices);
  return (
    <aside aria-label="What will happen">
      <h3 style={{ fontSize: "0.875rem", fontWeight: 600 }}>What will happen</h3>
      <ul className="steps-ahead">
        {steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ul>
      {warning !== null && (
        <p className="notice" data-tone="amber" style={{ marginTop: 12 }}>
          {warning}
        </p>
      )}
    </aside>
  );
}
