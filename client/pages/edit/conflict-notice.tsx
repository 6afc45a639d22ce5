/** Somebody else was faster: both texts are there, and the person who types decides which one stays. */
import { Button } from "@mantine/core";
import { useState, type ReactElement } from "react";
import { DifferenceView } from "./difference-view.tsx";
import type { Base } from "./use-edited-file.ts";

type ConflictNoticeProps = {
  /** Null: the file was deleted. */
  readonly theirs: Base | null;
  readonly mine: string;
  readonly isBusy: boolean;
  readonly onTakeTheirs: () => void;
  readonly onOverwrite: () => void;
};

export function ConflictNotice({ theirs, mine, isBusy, onTakeTheirs, onOverwrite }: ConflictNoticeProps): ReactElement {
  const [isShown, setShown] = useState(false);
  return (
    <div className="notice stack" data-tone="amber" role="alert" style={{ "--gap": "8px" }}>
      <p>
        {theirs === null
          ? "Somebody has deleted this file since you opened it. Your text is still here, and not saved."
          : "Somebody else has saved this file since you opened it. Your text is still here, and not saved."}
      </p>
      <div className="line" style={{ flexWrap: "wrap" }}>
        {theirs !== null && (
          <Button variant="default" size="compact-md" aria-expanded={isShown} onClick={() => setShown(!isShown)}>
            {isShown ? "Hide the difference" : "Show the difference"}
          </Button>
        )}
        <Button variant="default" size="compact-md" onClick={onTakeTheirs}>
          {theirs === null ? "Begin with an empty file" : "Load theirs"}
        </Button>
        <Button variant="default" size="compact-md" loading={isBusy} onClick={onOverwrite}>
          {theirs === null ? "Save it again" : "Overwrite theirs"}
        </Button>
      </div>
      {isShown && theirs !== null && <DifferenceView theirs={theirs.text} mine={mine} />}
    </div>
  );
}
