/** What one start action did: how it ended, how long it took, and what it wrote, to be unfolded. */
import type { ReactElement } from "react";
import type { EventItemFragment, StartActionItemFragment } from "../../gql/graphql.ts";
import { duration } from "../../parts/duration.ts";

/** As the definition has it: the place from 0, and the kind. */
export const nameOf = ({ index, action }: StartActionItemFragment): string => `pre_start_actions[${index}] (${action})`;

/** The others are done by the start script itself: that they went well is all there is to say. */
export const isProgram = ({ action }: StartActionItemFragment): boolean => action === "run_command";

const isFailed = ({ exitCode, timedOut }: StartActionItemFragment): boolean => exitCode !== 0 || timedOut;

/** What ended the start that the failure speaks of; events come newest first. */
export function failedActionOf(
  events: readonly EventItemFragment[] | undefined,
  failure: { readonly cause: string; readonly routeId: string } | null,
): StartActionItemFragment | null {
  if (failure?.cause !== "ACTION_FAILED") return null;
  const failed = events?.find(({ routeId, action }) => routeId === failure.routeId && action !== null && isFailed(action));
  return failed?.action ?? null;
}

export function StartActionFacts({ action }: { readonly action: StartActionItemFragment }): ReactElement {
  return (
    <span className="soft numeric unbroken">
      {action.timedOut ? "time limit over" : action.exitCode === null ? "ended from outside" : `exit code ${action.exitCode}`}
      {" · "}
      {duration(action.durationMs)}
    </span>
  );
}

export function StartActionOutput({
  action,
  isOpen = false,
}: {
  readonly action: StartActionItemFragment;
  readonly isOpen?: boolean;
}): ReactElement | null {
  if (action.out === "" && action.err === "") return isProgram(action) ? <div className="soft">It wrote nothing.</div> : null;
  return (
    <details className="output" open={isOpen}>
      <summary>Output</summary>
      <Stream name="out" text={action.out} isCut={action.outCut} />
      <Stream name="err" text={action.err} isCut={action.errCut} />
    </details>
  );
}

function Stream({ name, text, isCut }: { readonly name: "out" | "err"; readonly text: string; readonly isCut: boolean }): ReactElement | null {
  if (text === "") return null;
  return (
    <div>
      <div className="soft">
        <code>{name}</code>
        {isCut && ", cut: only its end is kept here"}
      </div>
      <pre tabIndex={0} aria-label={name}>
        {isCut && "…"}
        {text}
      </pre>
    </div>
  );
}
