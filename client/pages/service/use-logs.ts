/**
 * A route's log as it grows. What comes is gathered and shown once a frame; after a break (of the connection, or because the scheduler
 * could not be asked) it goes on after the last byte that is here. Paused, nothing is asked for: the log waits on the machine.
 */
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { useClient } from "urql";
import { useLiveness } from "../../connection/liveness.ts";
import { explain } from "../../connection/operations.ts";
import { LogsDocument, type LogsSubscription, type LogStream } from "../../gql/graphql.ts";
import { noLines, withPart, type LogLines, type LogPart } from "./logs-lines.ts";

/** How much of what is there already is shown at first. */
const tailBytes = 256 * 1024;
const againMs = 3_000;

export type Logs = {
  readonly lines: LogLines;
  /** Why nothing comes. */
  readonly problem: string | null;
  /** False: nothing is left of it, and nothing will come. */
  readonly isKept: boolean;
};

/** Of another route, stream or member it has to be another component (`key`): its lines are not these. */
export function useLogs(routeId: string, stream: LogStream, member: number, paused: boolean): Logs {
  const client = useClient();
  const live = useLiveness().kind === "live";
  const [lines, setLines] = useState<LogLines>(noLines);
  const [problem, setProblem] = useState<string | null>(null);
  const [isKept, setIsKept] = useState(true);
  const newest = useRef(noLines);
  const frame = useRef<number | undefined>(undefined);

  const take = useEffectEvent((part: LogPart) => {
    newest.current = withPart(newest.current, part);
    frame.current ??= requestAnimationFrame(() => {
      frame.current = undefined;
      setLines(newest.current);
    });
  });

  useEffect(() => {
    if (paused || !live) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let watching: { readonly unsubscribe: () => void } | undefined;
    const begin = (): void => {
      watching?.unsubscribe();
      const { end } = newest.current;
      const from = end === null ? { tailBytes } : { attempt: end.attempt, offset: end.offset };
      watching = client.subscription<LogsSubscription>(LogsDocument.toString(), { routeId, stream, member, ...from }).subscribe(({ data, error }) => {
        setProblem(error === undefined ? null : explain(error));
        if (error?.graphQLErrors[0]?.extensions["code"] === "LOG_NOT_KEPT") setIsKept(false);
        else if (error !== undefined) timer = setTimeout(begin, againMs);
        else if (data !== undefined) take(data.logs);
      });
    };
    begin();
    return () => {
      clearTimeout(timer);
      watching?.unsubscribe();
    };
  }, [client, routeId, stream, member, paused, live]);

  useEffect(
    () => () => {
      if (frame.current !== undefined) cancelAnimationFrame(frame.current);
      frame.current = undefined;
    },
    [],
  );
  return { lines, problem, isKept };
}
