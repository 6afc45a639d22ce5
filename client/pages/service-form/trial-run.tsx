/**
 * "Validate": one session of what is typed is really started, probed and ended, and what came of it stands here. It makes and changes no
 * service, and goes on to its end also where the dialog is closed.
 */
import { Button } from "@mantine/core";
import { useEffect, useRef, useState, type ReactElement } from "react";
import { useChange, useWatching } from "../../connection/operations.ts";
import { outcomeOf, unreachable, type Refused } from "../../connection/outcome.ts";
import {
  CancelValidationDocument,
  FollowValidationDocument,
  ValidateServiceDocument,
  type ValidateServiceInput,
  type ValidationItemFragment,
} from "../../gql/graphql.ts";
import { LastWords } from "../../parts/last-words.tsx";
import { LaunchTimeline } from "../../parts/launch-timeline.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Flag } from "../../parts/status.tsx";
import { Words } from "../../parts/words.tsx";
import { stayInField } from "./list.tsx";

type TrialRunProps = {
  readonly input: ValidateServiceInput;
  /** What becomes of the service meanwhile. */
  readonly about: string;
  /** Looks at the fields before it is asked, and shows what is wrong with them. */
  readonly isReady: () => boolean;
  /** Shows at the fields what was refused, and returns what is left. */
  readonly show: (refused: Refused) => string | null;
};

type Run = { readonly validation: ValidationItemFragment; readonly of: string };

export function TrialRun({ input, about, isReady, show }: TrialRunProps): ReactElement {
  const change = useChange();
  const [run, setRun] = useState<Run | null>(null);
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const typed = JSON.stringify(input);
  const isUnderWay = run !== null && !isOver(run.validation);
  useWatching(
    FollowValidationDocument,
    { id: run?.validation.id ?? "" },
    ({ validation }) => validation !== null && setRun((present) => present && { ...present, validation }),
    { pause: !isUnderWay },
  );

  const section = useRef<HTMLElement>(null);
  const shown = run === null ? null : `${run.validation.id} ${run.validation.verdict}`;
  // What came of it may be further down than what is seen.
  useEffect(() => {
    if (shown !== null) section.current?.scrollIntoView({ block: "nearest" });
  }, [shown]);

  const validate = async () => {
    setMessage(null);
    if (!isReady()) return;
    setBusy(true);
    const outcome = await change(ValidateServiceDocument, { input })
      .then((data) => outcomeOf(data.validateService, "ValidateServiceSuccess"))
      .catch(unreachable);
    setBusy(false);
    if (outcome.ok) setRun({ validation: outcome.value.validation, of: typed });
    else setMessage(show(outcome));
  };
  const cancel = async (id: string) => {
    const outcome = await change(CancelValidationDocument, { input: { id } })
      .then((data) => outcomeOf(data.cancelValidation, "CancelValidationSuccess"))
      .catch(unreachable);
    setMessage(outcome.ok ? null : outcome.message);
  };

  return (
    <section ref={section} className="stack trial-run" aria-label="Validation">
      <div className="line" style={{ "--gap": "8px 12px", flexWrap: "wrap" }}>
        <Button variant="default" loading={busy} disabled={isUnderWay} onMouseDown={stayInField} onClick={() => void validate()}>
          Validate
        </Button>
        {isUnderWay && run.validation.verdict === null ? (
          <Button variant="subtle" color="gray" disabled={run.validation.cancelling} onClick={() => void cancel(run.validation.id)}>
            Cancel validation
          </Button>
        ) : (
          <span className="soft" style={{ flex: "1 1 260px" }}>
            Really starts one session of what stands here, to see whether it comes to serve, and ends it. {about}
          </span>
        )}
      </div>
      <Notice tone="red">{message}</Notice>
      {run !== null && <Verdict validation={run.validation} isOld={!isUnderWay && run.of !== typed} />}
    </section>
  );
}

type Parts = Omit<ValidateServiceInput, "serviceId" | "name" | "timeLimitSeconds">;

/** What a session is made of; the rest of the form is the service's. */
export function sessionOf({
  folderId,
  environmentId,
  image,
  resourceGroupId,
  resources,
  clusterMode,
  clusterSize,
  mounts,
  modelReadOnly,
  variables,
}: Parts): Parts {
  return {
    ...(folderId !== undefined && { folderId }),
    ...(environmentId !== undefined && { environmentId }),
    ...(image !== undefined && { image }),
    ...(resourceGroupId !== undefined && { resourceGroupId }),
    ...(resources !== undefined && { resources }),
    ...(clusterMode !== undefined && { clusterMode }),
    ...(clusterSize !== undefined && { clusterSize }),
    ...(mounts !== undefined && { mounts }),
    ...(modelReadOnly !== undefined && { modelReadOnly }),
    ...(variables !== undefined && { variables }),
  };
}

const isOver = ({ status }: ValidationItemFragment): boolean => status === "PASSED" || status === "FAILED" || status === "CANCELLED";

function Verdict({ validation, isOld }: { readonly validation: ValidationItemFragment; readonly isOld: boolean }): ReactElement {
  const { status, verdict, statusReason, failure, launch } = validation;
  return (
    <div role="status" className="stack" style={{ "--gap": "8px" }}>
      <div>
        <span style={{ marginInlineEnd: 8 }}>
          <State validation={validation} />
        </span>
        <Words>{statusReason}</Words>
        {status === "CLEANING_UP" && <span className="soft"> Its session is being ended.</span>}
        {isOld && <span className="soft"> That was before the last changes here.</span>}
      </div>
      {launch !== null && <LaunchTimeline launch={launch} isInWords={verdict === null} />}
      <LastWords failure={failure} />
    </div>
  );
}

function State({ validation: { verdict, status } }: { readonly validation: ValidationItemFragment }): ReactElement {
  switch (verdict) {
    case "PASSED":
      return (
        <Flag tone="green" shape="check">
          Passed
        </Flag>
      );
    case "FAILED":
      return (
        <Flag tone="red" shape="cross">
          Failed
        </Flag>
      );
    case "CANCELLED":
      return (
        <Flag tone="grey" shape="square">
          Cancelled
        </Flag>
      );
    case null:
      return (
        <Flag tone="blue" shape={status === "PENDING" ? 0 : 0.5}>
          Running
        </Flag>
      );
  }
}
