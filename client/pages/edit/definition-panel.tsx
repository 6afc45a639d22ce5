/** What the definition means, and what can be done with it now: start a service, or bring it to those that run an older one. */
import { Button } from "@mantine/core";
import { useWindowEvent } from "@mantine/hooks";
import { useEffect, useEffectEvent, useState, type ReactElement } from "react";
import { Link } from "wouter";
import { useChange, useReading } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import { ClearErrorsAndRetryDocument, EditedUseDocument } from "../../gql/graphql.ts";
import { Notice } from "../../parts/notice.tsx";
import { useServiceList } from "../services/use-service-list.tsx";
import { Meaning } from "./meaning.tsx";
import type { Check } from "./use-definition-check.ts";

type DefinitionPanelProps = {
  readonly folder: { readonly id: string; readonly name: string };
  /** The newest answer; null before the first. */
  readonly check: Check | null;
  /** Rises with each save, after which the services are looked at again. */
  readonly savedTimes: number;
  readonly isSaved: boolean;
};

export function DefinitionPanel({ folder, check, savedTimes, isSaved }: DefinitionPanelProps): ReactElement {
  return (
    <aside className="panel" aria-labelledby="meaning">
      <header>
        <h2 id="meaning">What it means</h2>
      </header>
      <Meaning check={check} />
      <div className="stack" style={{ padding: 16, borderTop: "1px solid var(--line)", "--gap": "12px" }}>
        <Use folder={folder} savedTimes={savedTimes} isSaved={isSaved} isValid={check?.valid ?? null} />
      </div>
    </aside>
  );
}

type UseProps = {
  readonly folder: DefinitionPanelProps["folder"];
  readonly savedTimes: number;
  readonly isSaved: boolean;
  /** Null: not checked yet. */
  readonly isValid: boolean | null;
};

function Use({ folder, savedTimes, isSaved, isValid }: UseProps): ReactElement {
  const change = useChange();
  const { data, again } = useReading(EditedUseDocument, { id: folder.id });
  const [isBusy, setBusy] = useState(false);
  const [message, setMessage] = useState<string | null>(null);
  const { services: listed } = useServiceList();
  // What is told live of those services wakes; what they run is read again.
  const told = (data?.folder?.usedBy ?? []).map(({ id }) => listed.get(id)?.statusReason ?? "").join("\n");
  const readAgain = useEffectEvent((_since: string) => again());
  useEffect(() => readAgain(`${savedTimes} ${told}`), [savedTimes, told]);
  useWindowEvent("focus", again);

  const services = (data?.folder?.usedBy ?? []).filter((service) => service.revision.folder.id === folder.id);
  const older = services.filter(({ definitionChange }) => definitionChange !== null);
  const rollOut = async () => {
    setBusy(true);
    const outcomes = await Promise.all(
      older.map(({ id }) =>
        change(ClearErrorsAndRetryDocument, { input: { id } })
          .then((answer) => outcomeOf(answer.clearErrorsAndRetry, "ClearErrorsAndRetrySuccess"))
          .catch(unreachable),
      ),
    );
    setBusy(false);
    setMessage(outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.message])).join(" ") || null);
    again();
  };

  return (
    <>
      <Notice tone="red">{message}</Notice>
      {services.length > 0 && (
        <div>
          <p>
            {older.length === 0
              ? services.length === 1
                ? "One service runs this definition:"
                : `${services.length} services run this definition:`
              : `${isSaved ? "Saved. " : ""}${older.length === 1 ? "One service runs" : `${older.length} services run`} an older definition:`}
          </p>
          <ul className="plain" style={{ marginTop: 4 }}>
            {(older.length === 0 ? services : older).map(({ id, name, revision }) => (
              <li key={id}>
                <Link href={`/services/${id}`}>{name}</Link> <span className="soft numeric">revision {revision.number}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
      {older.length > 0 && (
        <div>
          <Button fullWidth loading={isBusy} disabled={!isSaved || isValid !== true} onClick={() => void rollOut()}>
            Roll out
          </Button>
          <p className="soft" style={{ marginTop: 4 }}>
            {isValid
              ? isSaved
                ? "Each gets a new revision, and its routes are replaced; those serve until then, where there is room for both."
                : "Save first."
              : isValid === null
                ? "It is being checked."
                : "Correct the problems first."}
          </p>
        </div>
      )}
      <Button component={Link} href={`/services?start=${folder.id}`} variant="default" fullWidth>
        Start service from this folder
      </Button>
      {!isSaved && <p className="soft">It would begin with what is saved, not with what is typed here.</p>}
    </>
  );
}
