/** The files of the queue, those that need a look first. Only those in view exist as elements. */
import { ActionIcon } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { IconPlayerPause, IconPlayerPlay, IconRefresh, IconX } from "@tabler/icons-react";
import { memo, useMemo, useRef, type ReactElement } from "react";
import { inBytes } from "../parts/bytes.ts";
import { Until } from "../parts/time.tsx";
import { plainly } from "../parts/visible-name.ts";
import type { Job, JobState } from "./job.ts";
import { again, cancel, pause } from "./queue.ts";

/** Of most; what went wrong is said in as many lines as it takes. */
const rowHeight = 52;
const order: Record<JobState, number> = { failed: 0, sending: 1, retrying: 2, exists: 3, paused: 4, waiting: 5, done: 6, skipped: 7 };

type TrayListProps = {
  readonly jobs: readonly Job[];
  /** Folded, only what failed is shown. */
  readonly isOpen: boolean;
};

export function TrayList({ jobs, isOpen }: TrayListProps): ReactElement {
  const list = useRef<HTMLDivElement>(null);
  const shown = useMemo(
    () => jobs.filter(({ state }) => isOpen || state === "failed").sort((a, b) => order[a.state] - order[b.state] || a.id - b.id),
    [jobs, isOpen],
  );
  // oxlint-disable-next-line react/incompatible-library -- nothing of it is given to a memoized component
  const virtualizer = useVirtualizer({ count: shown.length, getScrollElement: () => list.current, estimateSize: () => rowHeight, overscan: 4 });
  return (
    <div ref={list} className="jobs" tabIndex={0} role="list" aria-label="Files being uploaded">
      <div style={{ height: virtualizer.getTotalSize(), position: "relative" }}>
        {virtualizer.getVirtualItems().map(({ index, start }) => {
          const job = shown[index];
          return job === undefined ? null : <Row key={job.id} job={job} index={index} top={start} onMeasure={virtualizer.measureElement} />;
        })}
      </div>
    </div>
  );
}

type RowProps = {
  readonly job: Job;
  readonly index: number;
  readonly top: number;
  readonly onMeasure: (row: HTMLElement | null) => void;
};

const Row = memo(function Row({ job, index, top, onMeasure }: RowProps): ReactElement {
  const { id, path, folderName, state, sent, size } = job;
  const part = state === "done" ? 1 : sent / Math.max(1, size);
  return (
    <div ref={onMeasure} role="listitem" className="job" data-index={index} data-state={state} style={{ transform: `translateY(${top}px)` }}>
      <div className="what">
        <span className="cut" title={`${plainly(path)} in ${folderName}`}>
          {plainly(path)}
        </span>
        <span className={job.problem === null ? "soft numeric cut" : "soft numeric"}>
          <Words job={job} />
        </span>
      </div>
      {state === "failed" && <Button label={`Try ${path} again`} icon={<IconRefresh size={16} stroke={1.5} />} onClick={() => again(id)} />}
      {(state === "sending" || state === "waiting") && (
        <Button label={`Pause ${path}`} icon={<IconPlayerPause size={16} stroke={1.5} />} onClick={() => pause(id)} />
      )}
      {(state === "paused" || state === "retrying") && (
        <Button label={`Go on with ${path}`} icon={<IconPlayerPlay size={16} stroke={1.5} />} onClick={() => again(id)} />
      )}
      {state !== "done" && state !== "skipped" && (
        <Button label={`Cancel ${path}`} icon={<IconX size={16} stroke={1.5} />} onClick={() => cancel(id)} />
      )}
      <span className="bar" style={{ width: `${100 * part}%` }} />
    </div>
  );
});

function Words({ job }: { readonly job: Job }): ReactElement {
  const { state, sent, size, problem, retryAtMs } = job;
  const amount = sent > 0 ? `${inBytes(sent)} of ${inBytes(size)}` : inBytes(size);
  switch (state) {
    case "sending":
      return <>{amount}</>;
    case "waiting":
      return <>{sent > 0 ? amount : `${amount} · waiting`}</>;
    case "paused":
      return <>{amount} · paused</>;
    case "retrying":
      return (
        <span style={{ color: "var(--amber)" }}>
          {problem} Tried again <Until at={new Date(retryAtMs).toISOString()} />
        </span>
      );
    case "exists":
      return <>{amount} · there already</>;
    case "failed":
      return <span style={{ color: "var(--red)" }}>{problem}</span>;
    case "done":
      return <>{inBytes(size)} · uploaded</>;
    case "skipped":
      return <>kept as it was</>;
  }
}

const Button = ({ label, icon, onClick }: { readonly label: string; readonly icon: ReactElement; readonly onClick: () => void }): ReactElement => (
  <ActionIcon variant="subtle" color="gray" aria-label={label} title={label} onClick={onClick}>
    {icon}
  </ActionIcon>
);
