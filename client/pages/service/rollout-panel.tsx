/**
 * The way from one revision to the next while it is gone: how far it is, how, what it waits for, and the two ways to end it sooner. When it
 * is over one quiet line is left; that it was taken back, and why, stays until something newer is rolled out.
 */
import "../../parts/progress.css";
import { Button } from "@mantine/core";
import type { ReactElement } from "react";
import { useChange } from "../../connection/operations.ts";
import { outcomeOf } from "../../connection/outcome.ts";
import { PromoteRolloutDocument, RevertRolloutDocument, type RolloutItemFragment } from "../../gql/graphql.ts";
import { Changed } from "../../parts/changed.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Flag } from "../../parts/status.tsx";
import { Ago, Countdown } from "../../parts/time.tsx";
import { Words } from "../../parts/words.tsx";
import { endInWords, isLive, isOnlyHeld, servingInWords, servingOf, stepInWords, titleOf, wayInWords, whyReverted } from "./rollout-progress.ts";
import type { ServiceDetail } from "./service-detail.ts";
import { useWish } from "./use-wish.ts";

export function RolloutPanel({ service }: { readonly service: ServiceDetail }): ReactElement | null {
  const { rollout } = service;
  if (rollout === null) return null;
  return isLive(rollout) ? <Live service={service} rollout={rollout} /> : <End rollout={rollout} headline={service.statusReason} />;
}

type LiveProps = { readonly service: ServiceDetail; readonly rollout: RolloutItemFragment };

function Live({ service, rollout }: LiveProps): ReactElement {
  const change = useChange();
  const input = { id: service.id };
  const promoting = useWish(async () => outcomeOf((await change(PromoteRolloutDocument, { input })).promoteRollout, "PromoteRolloutSuccess"));
  const reverting = useWish(async () => outcomeOf((await change(RevertRolloutDocument, { input })).revertRollout, "RevertRolloutSuccess"));
  const isBack = rollout.status === "REVERTING";
  const hasSteps = !isBack && rollout.step < rollout.stepCount;
  return (
    <section className="panel rollout" aria-labelledby="rollout">
      <header>
        <h2 id="rollout">{titleOf(rollout)}</h2>
        <Flag tone={isBack ? "amber" : "blue"} shape={isBack ? "warning" : 0.5}>
          {isBack ? "Going back" : rollout.awaitsPromotion ? "Waits to be promoted" : "Under way"}
        </Flag>
      </header>
      <div className="stack" style={{ padding: 16, "--gap": "12px" }}>
        <Progress rollout={rollout} serving={servingOf(rollout, service.routes)} desired={service.desiredRouteCount} />
        {hasSteps && <Steps rollout={rollout} />}
        <p className="soft">
          <Words>{wayInWords(rollout)}</Words> Wanted by {rollout.createdBy.name}, <Ago at={rollout.createdAt} />.
        </p>
        <Notice tone="red">{promoting.message ?? reverting.message}</Notice>
        {!isBack && (
          <div className="line" style={{ flexWrap: "wrap" }}>
            {hasSteps && (
              <Button
                variant={rollout.awaitsPromotion ? "filled" : "default"}
                loading={promoting.isBusy}
                onClick={() => void promoting.ask()}
                title="All routes go over, without waiting for the remaining steps"
              >
                Promote
              </Button>
            )}
            <Button
              variant="default"
              loading={reverting.isBusy}
              onClick={() => void reverting.ask()}
              title={rollout.kind === "RESTART" ? "The routes that are left are not restarted" : `Back to revision ${rollout.fromRevision.number}`}
            >
              Revert
            </Button>
          </div>
        )}
      </div>
    </section>
  );
}

type ProgressProps = { readonly rollout: RolloutItemFragment; readonly serving: number; readonly desired: number };

function Progress({ rollout, serving, desired }: ProgressProps): ReactElement {
  const done = Math.min(serving, desired);
  const text = servingInWords(rollout, serving, desired);
  return (
    <div className="stack" style={{ "--gap": "6px" }}>
      <p className="numeric">
        <Changed value={serving}>{text}</Changed>
      </p>
      <div
        className="bar"
        data-tone={rollout.status === "REVERTING" ? "amber" : "blue"}
        role="progressbar"
        aria-label="Routes that have gone over"
        aria-valuemin={0}
        aria-valuemax={desired}
        aria-valuenow={done}
        aria-valuetext={text}
      >
        <span style={{ width: `${desired === 0 ? 100 : (100 * done) / desired}%` }} />
      </div>
    </div>
  );
}

/** The shares one after another, and where it stands among them. */
function Steps({ rollout }: { readonly rollout: RolloutItemFragment }): ReactElement {
  const { policy, step, stepEndsAt, awaitsPromotion } = rollout;
  return (
    <div className="stack" style={{ "--gap": "8px" }}>
      {!isOnlyHeld(rollout) && (
        <ol className="steps" aria-label="Steps">
          {[...policy.steps.map(({ weight }) => `${weight}%`), "all"].map((share, place) => (
            <li key={place} aria-current={place === step ? "step" : undefined} data-done={place < step || undefined}>
              {share}
            </li>
          ))}
        </ol>
      )}
      <p>
        {stepInWords(rollout)}{" "}
        {stepEndsAt !== null ? (
          <span className="soft">
            It ends in <Countdown at={stepEndsAt} />.
          </span>
        ) : (
          !awaitsPromotion && <span className="soft">It begins when its routes are healthy.</span>
        )}
      </p>
    </div>
  );
}

type EndProps = { readonly rollout: RolloutItemFragment; readonly headline: string };

function End({ rollout, headline }: EndProps): ReactElement {
  const { status, kind, endedAt, failure } = rollout;
  const at = endedAt === null ? null : <Ago at={endedAt} />;
  // Mostly the headline says why it was taken back, and once is enough.
  const isReverted = status === "REVERTED";
  if (!isReverted || headline.includes(whyReverted(rollout).replace(/\.$/, ""))) {
    const { tone, shape, word } = ends[isReverted || status === "COMPLETED" ? status : "SUPERSEDED"];
    return (
      <p className="line" role="status" style={{ "--gap": "4px 12px", flexWrap: "wrap" }}>
        <Flag tone={tone} shape={shape}>
          {status === "COMPLETED" && kind === "RESTART" ? "Restarted" : word}
        </Flag>
        <span className="soft">
          <Words>
            {[isReverted ? `Revision ${rollout.fromRevision.number} serves again.` : endInWords(rollout), failure?.hint ?? ""].join(" ").trim()}
          </Words>
        </span>
        <span className="soft">{at}</span>
      </p>
    );
  }
  return (
    <div className="notice" data-tone="amber" role="status">
      <p className="line" style={{ "--gap": "4px 12px", flexWrap: "wrap" }}>
        <span>
          <Words>{endInWords(rollout)}</Words>
        </span>
        <span className="soft">{at}</span>
      </p>
      {failure?.hint && (
        <p className="soft">
          <Words>{failure.hint}</Words>
        </p>
      )}
    </div>
  );
}

const ends = {
  COMPLETED: { tone: "green", shape: "check", word: "Rolled out" },
  REVERTED: { tone: "amber", shape: "warning", word: "Taken back" },
  SUPERSEDED: { tone: "grey", shape: "ring", word: "Ended" },
} as const;
