/** One revision: a line that says what it changed, to be unfolded into the fields, against the one before or any other. */
import { Button, Select } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { useId, useState, type ReactElement } from "react";
import { useAnswer } from "../../connection/answer.ts";
import { RevisionDifferencesDocument, type RevisionItemFragment } from "../../gql/graphql.ts";
import { Differences } from "../../parts/differences.tsx";
import { inShort } from "../../parts/field-words.ts";
import { Flag } from "../../parts/status.tsx";
import { Ago } from "../../parts/time.tsx";

type RevisionRowProps = {
  readonly revision: RevisionItemFragment;
  readonly others: readonly RevisionItemFragment[];
  /** The one that routes should be on. */
  readonly isCurrent: boolean;
  /** Later than that one: it was taken back. */
  readonly isLater: boolean;
  readonly serves: boolean;
  readonly onRollBack: () => void;
};

export function RevisionRow({ revision, others, isCurrent, isLater, serves, onRollBack }: RevisionRowProps): ReactElement {
  const [opened, setOpened] = useState(false);
  const id = useId();
  const { number, differences } = revision;
  const verb = isLater ? "Roll out" : "Roll back to";
  return (
    <li>
      <div className="head">
        <button type="button" className="fold" aria-expanded={opened} aria-controls={id} onClick={() => setOpened(!opened)}>
          <IconChevronRight size={16} aria-hidden />
          <span className="unseen">Revision </span>
          <span className="numeric">{number}</span>
        </button>
        <span className="line" style={{ "--gap": "4px 12px", flexWrap: "wrap" }}>
          {isCurrent && <b>Current</b>}
          {serves && (
            <Flag tone="green" shape="check">
              Serves
            </Flag>
          )}
          <span className="soft">
            <Ago at={revision.createdAt} /> by {revision.createdBy.name}
          </span>
        </span>
        {!isCurrent && (
          <Button variant="default" size="compact-md" onClick={onRollBack} aria-label={`${verb} revision ${number}`}>
            {verb} this
          </Button>
        )}
        <p>{differences.length > 0 ? inShort(differences) : number === 1 ? "The first one" : "The same as the one before"}</p>
      </div>
      <div id={id} hidden={!opened}>
        {opened && <Comparison revision={revision} others={others} />}
      </div>
    </li>
  );
}

type ComparisonProps = Pick<RevisionRowProps, "revision" | "others">;

function Comparison({ revision, others }: ComparisonProps): ReactElement {
  const before = others.find(({ number }) => number === revision.number - 1);
  const [chosen, setChosen] = useState<string | null>(null);
  const other = chosen ?? before?.id ?? others[0]?.id ?? null;
  const { data, problem } = useAnswer(RevisionDifferencesDocument, { id: revision.id, to: other ?? "" }, "", { pause: other === null });
  if (other === null) return <p className="soft">There is no other one to compare it with.</p>;
  const differences = data?.node?.__typename === "Revision" ? data.node.differences : undefined;
  return (
    <div className="stack" style={{ "--gap": "8px" }}>
      <Select
        label="Compared with"
        data={others.map(({ id, number }) => ({ value: id, label: `Revision ${number}` }))}
        value={other}
        onChange={setChosen}
        w={200}
      />
      {differences === undefined ? (
        <p className="soft">{problem ?? "Not known yet."}</p>
      ) : differences.length === 0 ? (
        <p className="soft">They are the same.</p>
      ) : (
        <Differences differences={differences} />
      )}
    </div>
  );
}
