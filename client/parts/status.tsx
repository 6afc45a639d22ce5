/**
 * Every status as a shape, a word and a colour: green serves, blue is on its way, amber needs a look, red is broken,
 * grey is off. The shape fills up on the way to healthy. The word is the union's member, so logs and screen agree.
 */
import "./status.css";
import type { ReactElement } from "react";
import type { RouteStatus, ServiceStatus } from "../gql/graphql.ts";
import { Changed } from "./changed.tsx";

export type Tone = "green" | "blue" | "amber" | "red" | "grey";
export type Shape = "check" | "cross" | "warning" | "clock" | "leaving" | "square" | "ring" | number;
type Look = { readonly word: string; readonly tone: Tone; readonly shape: Shape };
type AnyStatus = ServiceStatus | RouteStatus;

const looks: Record<AnyStatus, Look> = {
  PROVISIONING: { word: "Provisioning", tone: "blue", shape: 0.5 },
  HEALTHY: { word: "Healthy", tone: "green", shape: "check" },
  DEGRADED: { word: "Degraded", tone: "amber", shape: "warning" },
  UNHEALTHY: { word: "Unhealthy", tone: "red", shape: "cross" },
  STOPPED: { word: "Stopped", tone: "grey", shape: "square" },
  TERMINATING: { word: "Terminating", tone: "grey", shape: "leaving" },
  TERMINATED: { word: "Terminated", tone: "grey", shape: "ring" },
  PENDING: { word: "Pending", tone: "blue", shape: 0 },
  SCHEDULING: { word: "Scheduling", tone: "blue", shape: 0.25 },
  PREPARING: { word: "Preparing", tone: "blue", shape: 0.5 },
  WARMING_UP: { word: "Warming up", tone: "blue", shape: 0.75 },
  BACKING_OFF: { word: "Backing off", tone: "amber", shape: "clock" },
  DRAINING: { word: "Draining", tone: "grey", shape: "leaving" },
};

export const wordOf = (status: AnyStatus): string => looks[status].word;
export const toneOf = (status: AnyStatus): Tone => looks[status].tone;

type StatusProps = {
  readonly status: AnyStatus;
  readonly size?: "small" | "large";
  /** Whose status it is, where that is what is read; the word of the status is then the title. */
  readonly of?: string;
};

export function Status({ status, size = "small", of }: StatusProps): ReactElement {
  const { word, tone, shape } = looks[status];
  return (
    <Changed value={status}>
      <span className="status" data-tone={tone} data-size={size} data-status={status} title={of === undefined ? undefined : word}>
        <Mark shape={shape} />
        {of ?? word}
        {of !== undefined && <span className="unseen">{word}</span>}
      </span>
    </Changed>
  );
}

/** One look of its own, for states that are not in the schema (a token's). */
export function Flag({ tone, shape, children }: { readonly tone: Tone; readonly shape: Shape; readonly children: string }): ReactElement {
  return (
    <span className="status" data-tone={tone}>
      <Mark shape={shape} />
      {children}
    </span>
  );
}

function Mark({ shape }: { readonly shape: Shape }): ReactElement {
  return (
    <svg viewBox="0 0 14 14" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" aria-hidden>
      {typeof shape === "number" ? <Pie part={shape} /> : marks[shape]}
    </svg>
  );
}

function Pie({ part }: { readonly part: number }): ReactElement {
  const length = 2 * Math.PI * 1.75;
  return (
    <>
      <circle cx="7" cy="7" r="5.75" />
      {part > 0 && (
        <circle
          cx="7"
          cy="7"
          r="1.75"
          strokeWidth="3.5"
          strokeLinecap="butt"
          strokeDasharray={`${part * length} ${length}`}
          transform="rotate(-90 7 7)"
        />
      )}
    </>
  );
}

const inner = "var(--surface)";
const marks: Record<Exclude<Shape, number>, ReactElement> = {
  check: (
    <>
      <circle cx="7" cy="7" r="6.25" fill="currentColor" stroke="none" />
      <path d="m4.4 7.2 1.8 1.8 3.4-3.8" stroke={inner} />
    </>
  ),
  cross: (
    <>
      <path d="M4.4.75h5.2l3.65 3.65v5.2L9.6 13.25H4.4L.75 9.6V4.4Z" fill="currentColor" stroke="none" />
      <path d="m5.1 5.1 3.8 3.8m0-3.8L5.1 8.9" stroke={inner} />
    </>
  ),
  warning: (
    <>
      <path d="M7 1.2 13.2 12.4H.8Z" fill="currentColor" />
      <path d="M7 5.4v2.8m0 2v.05" stroke={inner} />
    </>
  ),
  clock: (
    <>
      <circle cx="7" cy="7" r="5.75" />
      <path d="M7 4v3.2l2 1.3" />
    </>
  ),
  leaving: (
    <>
      <circle cx="7" cy="7" r="5.75" />
      <path d="M7 4.2v5.4M4.9 7.6 7 9.7l2.1-2.1" />
    </>
  ),
  square: <rect x="2" y="2" width="10" height="10" rx="2" fill="currentColor" stroke="none" />,
  ring: <circle cx="7" cy="7" r="5.75" strokeDasharray="2.2 2.2" />,
};
