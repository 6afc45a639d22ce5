/** What will be done with the definition as it is typed now, in the order in which it is done. */
import type { ReactElement } from "react";
import type { ModelMeaningFragment } from "../../gql/graphql.ts";
import { inOneUnit } from "../../parts/duration.ts";
import { Words } from "../../parts/words.tsx";
import type { Check } from "./use-definition-check.ts";

export function Meaning({ check }: { readonly check: Check | null }): ReactElement {
  if (check === null) return <Sentence>It is told as soon as there is a definition.</Sentence>;
  if (!check.valid) return <Sentence>It is told once the problems are corrected.</Sentence>;
  if (check.model === null) return <Sentence>No model has a `service`: its environment must have a command that serves it.</Sentence>;
  return <Model model={check.model} />;
}

const Sentence = ({ children }: { readonly children: string }): ReactElement => (
  <p className="soft" style={{ padding: 16 }}>
    <Words>{children}</Words>
  </p>
);

function Model({ model }: { readonly model: ModelMeaningFragment }): ReactElement {
  const { healthCheck, startActions } = model;
  return (
    <dl className="facts">
      <dt>Model</dt>
      <dd>
        {model.title ?? model.modelName}, at <code>{model.modelPath}</code>
      </dd>
      <dt>First</dt>
      <dd>
        {startActions.length === 0 ? (
          <span className="soft">No start actions</span>
        ) : (
          <ol className="plain" start={0}>
            {startActions.map(({ index, action, summary, ref }) => (
              <li key={index}>
                <span className="soft numeric">{index}</span> <code>{action}</code> <span className="soft">{summary}</span>
                {ref !== null && (
                  <span className="soft unbroken">
                    {" → "}
                    <code>{`{${ref}}`}</code>
                  </span>
                )}
              </li>
            ))}
          </ol>
        )}
      </dd>
      <dt>Command</dt>
      <dd>
        <code>{model.startCommand.map(asTyped(model.startCommand.length > 1)).join(" ")}</code>
        {model.shell !== null && (
          <span className="soft">
            {" "}
            by <code>{model.shell}</code>
          </span>
        )}
      </dd>
      <dt>Port</dt>
      <dd className="numeric">{model.port}</dd>
      <dt>Health check</dt>
      <dd>
        {healthCheck === null ? (
          "None: an accepted connection is enough"
        ) : (
          <>
            <code>{healthCheck.path}</code> answers {healthCheck.expectedStatusCode}, asked every {healthCheck.intervalSeconds} s; unhealthy after{" "}
            {healthCheck.maxRetries} failures in a row
          </>
        )}
      </dd>
      <dt>First pass</dt>
      <dd className="numeric">within {inOneUnit(model.initialDelaySeconds)} of the start</dd>
    </dl>
  );
}

/** Arguments of a list are quoted as a shell would have them; a text for the shell stands as it is. */
const asTyped =
  (isList: boolean) =>
  (argument: string): string =>
    isList && !/^[\w./:=@%+,{}-]+$/.test(argument) ? `'${argument.replaceAll("'", "'\\''")}'` : argument;
