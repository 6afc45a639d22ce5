/** What came back: status, times and headers, and the body as it comes. */
import type { ReactElement } from "react";
import { Copy } from "../../parts/copy.tsx";
import { duration } from "../../parts/duration.ts";
import { Notice } from "../../parts/notice.tsx";
import type { Tone } from "../../parts/status.tsx";
import { serverTimings } from "./server-timing.ts";
import type { Exchange } from "./use-exchange.ts";

const states: Record<Exchange["phase"], string> = {
  waiting: "Waiting for an answer …",
  coming: "The answer is coming …",
  done: "",
  stopped: "Stopped: the request was ended from here.",
  failed: "",
};

export function ExchangeView({ exchange }: { readonly exchange: Exchange | null }): ReactElement {
  if (exchange === null) return <p className="soft">The answer comes here, as it is sent.</p>;
  const { head, phase, text, leftOut, problem } = exchange;
  return (
    <>
      <Notice tone="red">{problem}</Notice>
      {head !== null && <Head head={head} totalMs={exchange.totalMs} />}
      <p className="soft" role="status">
        {states[phase]}
      </p>
      {head !== null && (
        <div className="command answer">
          <pre tabIndex={0} aria-label="Body of the answer">
            {text === "" && phase === "done" ? <span className="soft">The answer has no body.</span> : text}
          </pre>
          <Copy what="answer" text={text} />
        </div>
      )}
      {leftOut > 0 && <p className="soft numeric">{leftOut.toLocaleString("en")} more characters came and are not shown.</p>}
    </>
  );
}

const toneOf = (status: number): Tone => (status < 300 ? "green" : status < 500 ? "amber" : "red");
const inMs = (ms: number): string => duration(Math.round(ms));

type HeadProps = { readonly head: NonNullable<Exchange["head"]>; readonly totalMs: number | null };

function Head({ head, totalMs }: HeadProps): ReactElement {
  const timings = serverTimings(head.headers.find(([name]) => name === "server-timing")?.[1] ?? "");
  return (
    <>
      <div className="line numeric" style={{ flexWrap: "wrap", "--gap": "4px 16px" }}>
        <b className="answered" data-tone={toneOf(head.status)} data-testid="answer-status">
          {head.status} {head.statusText}
        </b>
        <span>First byte {inMs(head.firstByteMs)}</span>
        {totalMs !== null && <span>All of it {inMs(totalMs)}</span>}
        {timings.map(({ name, ms }) => (
          <span key={name} className="soft">
            {name} {inMs(ms)}
          </span>
        ))}
      </div>
      <details className="output">
        <summary>Headers</summary>
        <pre tabIndex={0} aria-label="Headers of the answer">
          {head.headers.map(([name, value]) => `${name}: ${value}`).join("\n")}
        </pre>
      </details>
    </>
  );
}
