/** One request and its answer, which is shown as it comes. A new one, and leaving, end the one before. */
import { useCallback, useEffect, useRef, useState } from "react";
import type { ServiceDetail } from "../service/service-detail.ts";
import { textOf } from "./events-of.ts";
import { inWords, isAbort, useCall } from "./use-call.ts";

type Head = {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly firstByteMs: number;
};

export type Exchange = {
  readonly phase: "waiting" | "coming" | "done" | "stopped" | "failed";
  readonly head: Head | null;
  readonly text: string;
  /** Characters that came and are not shown. */
  readonly leftOut: number;
  /** Since the request was sent; null while it goes on. */
  readonly totalMs: number | null;
  /** Why it failed. */
  readonly problem: string | null;
};

export type Asked = {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string | null;
};

const begun: Exchange = { phase: "waiting", head: null, text: "", leftOut: 0, totalMs: null, problem: null };
/** A page that shows more of it is slow. */
const shownMax = 500_000;
/** However many pieces come, it is drawn so often. */
const drawEveryMs = 50;

export function useExchange(service: ServiceDetail) {
  const call = useCall(service);
  const [exchange, setExchange] = useState<Exchange | null>(null);
  const current = useRef<AbortController | null>(null);
  useEffect(() => () => current.current?.abort(), []);

  const send = useCallback(
    async (asked: Asked) => {
      current.current?.abort();
      const mine = new AbortController();
      current.current = mine;
      const startedAt = performance.now();
      let now = begun;
      let timer: ReturnType<typeof setTimeout> | undefined;
      const draw = () => {
        clearTimeout(timer);
        timer = undefined;
        if (current.current === mine) setExchange(now);
      };
      draw();
      const end = (change: Partial<Exchange>) => {
        now = { ...now, totalMs: performance.now() - startedAt, ...change };
        draw();
      };
      try {
        const answer = await call({ ...asked, signal: mine.signal });
        const { status, statusText } = answer;
        now = { ...now, phase: "coming", head: { status, statusText, headers: [...answer.headers], firstByteMs: performance.now() - startedAt } };
        draw();
        for await (const text of answer.body === null ? [] : textOf(answer.body)) {
          const shown = `${now.text}${text}`.slice(0, shownMax);
          now = { ...now, text: shown, leftOut: now.leftOut + now.text.length + text.length - shown.length };
          timer ??= setTimeout(draw, drawEveryMs);
        }
        end({ phase: "done" });
      } catch (thrown) {
        end(isAbort(thrown) ? { phase: "stopped" } : { phase: "failed", problem: brokenOff(now, thrown) });
      }
    },
    [call],
  );
  return { exchange, send, stop: () => current.current?.abort() };
}

const brokenOff = ({ head }: Exchange, thrown: unknown): string =>
  head === null ? inWords(thrown) : "The answer broke off before its end: what stands here is not all of it.";
