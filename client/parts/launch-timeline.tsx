/** How far the start of a route or of a validation has come, phase by phase, and what is still expected. */
import "./progress.css";
import type { ReactElement } from "react";
import type { LaunchItemFragment } from "../gql/graphql.ts";
import { useNow } from "./clock.ts";
import { launchInWords, phasesOf, shareOf } from "./launch-words.ts";

type LaunchTimelineProps = {
  readonly launch: LaunchItemFragment;
  /** How it went in a sentence, where nothing else says it. */
  readonly isInWords?: boolean;
};

export function LaunchTimeline({ launch, isInWords = true }: LaunchTimelineProps): ReactElement {
  const now = useNow();
  const share = shareOf(launch, now);
  return (
    <div className="stack numeric" style={{ "--gap": "6px" }}>
      {isInWords && <span className="soft">{launchInWords(launch, now)}</span>}
      {share !== null && (
        <div className="bar" data-tone="blue" role="presentation">
          <span style={{ width: `${100 * share}%` }} />
        </div>
      )}
      <ol className="phases" aria-label="Launch">
        {phasesOf(launch, now).map(({ name, state, time }) => (
          <li key={name} data-state={state} aria-current={state === "now" ? "step" : undefined}>
            {name} <span className="soft unbroken">{time}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
