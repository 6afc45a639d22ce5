/**
 * "Validate": one session of what is typed is really started, probed and ended, and what came of it stands here. It makes no service,
 * and goes on to its end also where the dialog is closed.
 */
import { Button } from "@mantine/core";
import { useState, type ReactElement } from "react";
import { useChange, useWatching } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import {
  CancelValidationDocument,
  FollowValidationDocument,
  ValidateServiceDocument,
  type CreateServiceInput,
  type LaunchPhaseName,
  type ValidateServiceInput,
  type ValidationItemFragment,
} from "../../gql/graphql.ts";
import { useNow } from "../../parts/clock.ts";
import { Notice } from "../../parts/notice.tsx";
import { Flag } from "../../parts/status.tsx";
import { inOneUnit } from "../../parts/duration.ts";
import { Words } from "../../parts/words.tsx";
import { stayInField } from "../service-form/list.tsx";

type Run = { readonly validation: ValidationItemFragment; readonly of: string };

export function TrialRun({ input }: { readonly input: CreateServiceInput }): ReactElement {
  const change = useChange();
  const [run, setRun] = useState<Run | null>(null);
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const session = sessionOf(input);
  const typed = JSON.stringify(session);
  const isUnderWay = run !== null && !isOver(run.validation);
  useWatching(
    FollowValidationDocument,
    { id: run?.validation.id ?? "" },
    ({ validation }) => validation !== null && setRun((present) => present && { ...present, validation }),
    { pause: !isUnderWay },
  );

  const validate = async () => {
    if (input.folderId === "") return setMessage("Choose the folder first.");
    setBusy(true);
    const outcome = await change(ValidateServiceDocument, { input: session })
      .then((data) => outcomeOf(data.validateService, "ValidateServiceSuccess"))
      .catch(unreachable);
    setBusy(false);
    setMessage(outcome.ok ? null : outcome.message);
    if (outcome.ok) setRun({ validation: outcome.value.validation, of: typed });
  };
  const cancel = async (id: string) => {
    const outcome = await change(CancelValidationDocument, { input: { id } })
      .then((data) => outcomeOf(data.cancelValidation, "CancelValidationSuccess"))
      .catch(unreachable);
    setMessage(outcome.ok ? null : outcome.message);
  };

  return (
    <section className="stack" aria-label="Validation" style={{ "--gap": "8px", marginTop: 24 }}>
      <div className="line" style={{ flexWrap: "wrap" }}>
        <Button variant="default" loading={busy} disabled={isUnderWay} onMouseDown={stayInField} onClick={() => void validate()}>
          Validate
        </Button>
        {isUnderWay && run.validation.verdict === null ? (
          <Button variant="subtle" color="gray" disabled={run.validation.cancelling} onClick={() => void cancel(run.validation.id)}>
            Cancel validation
          </Button>
        ) : (
          <span className="soft">Really starts one session to see whether it comes to serve, and ends it. No service is made.</span>
        )}
      </div>
      <Notice tone="red">{message}</Notice>
      {run !== null && <Verdict validation={run.validation} isOld={!isUnderWay && run.of !== typed} />}
    </section>
  );
}

/** What a session is made of; the rest of the form is the service's. */
function sessionOf(input: CreateServiceInput): ValidateServiceInput {
  const { folderId, environmentId, resourceGroupId, resources, mounts, modelReadOnly, variables } = input;
  return {
    folderId,
    ...(environmentId !== undefined && { environmentId }),
    ...(resourceGroupId !== undefined && { resourceGroupId }),
    ...(resources !== undefined && { resources }),
    ...(mounts !== undefined && { mounts }),
    ...(modelReadOnly !== undefined && { modelReadOnly }),
    ...(variables !== undefined && { variables }),
  };
}

const isOver = ({ status }: ValidationItemFragment): boolean => status === "PASSED" || status === "FAILED" || status === "CANCELLED";

function Verdict({ validation, isOld }: { readonly validation: ValidationItemFragment; readonly isOld: boolean }): ReactElement {
  const { status, statusReason, failure, launch } = validation;
  return (
    <div role="status" className="stack" style={{ "--gap": "8px" }}>
      <div>
        <State validation={validation} /> <Words>{statusReason}</Words>
        {status === "CLEANING_UP" && <span className="soft"> Its session is being ended.</span>}
        {isOld && <span className="soft"> That was before the last changes here.</span>}
      </div>
      {launch !== null && <Phases launch={launch} />}
      {failure !== null && failure.hint !== null && (
        <p className="soft">
          <Words>{failure.hint}</Words>
        </p>
      )}
      {failure !== null && failure.outputTail !== "" && <pre className="notice">{failure.outputTail}</pre>}
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

const words: Readonly<Record<LaunchPhaseName, string>> = {
  PLACED: "Finding a machine",
  IMAGE: "Downloading the image",
  PROCESS: "Starting the process",
  ACTIONS: "Start actions",
  FIRST_PASS: "First health check",
};

/** Those that have begun. What there was not to do, and what is not known, is left out. */
function Phases({ launch }: { readonly launch: NonNullable<ValidationItemFragment["launch"]> }): ReactElement {
  const now = useNow();
  const isEnded = launch.endedAt !== null || launch.failedAt !== null;
  const begun = launch.phases.filter(({ startedAt, durationMs }) => startedAt !== null && (durationMs !== null || !isEnded));
  return (
    <ol className="line numeric" aria-label="Launch" style={{ "--gap": "2px 16px", flexWrap: "wrap", margin: 0, padding: 0, listStyle: "none" }}>
      {begun.map(({ phase, startedAt, durationMs }) => (
        <li key={phase}>
          {words[phase]}{" "}
          <span className="soft unbroken">
            {durationMs === null ? inOneUnit((now - Date.parse(startedAt ?? "")) / 1000) : `${(durationMs / 1000).toFixed(1)} s`}
          </span>
        </li>
      ))}
    </ol>
  );
}
