/** Times: relative on the screen, exact on hover and for machines. */
import type { ReactElement } from "react";
import { useNow } from "./clock.ts";
import { inOneUnit } from "./duration.ts";

const exactFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });
export const exactly = (at: string | number): string => exactFormat.format(new Date(at));

export function Ago({ at }: { readonly at: string }): ReactElement {
  const seconds = (useNow() - Date.parse(at)) / 1000;
  return (
    <time dateTime={at} title={exactly(at)} className="numeric unbroken ago">
      {seconds < 5 ? "just now" : `${inOneUnit(seconds)} ago`}
    </time>
  );
}

/** How long it has been so, without the word "ago". */
export function Age({ at }: { readonly at: string }): ReactElement {
  const seconds = (useNow() - Date.parse(at)) / 1000;
  return (
    <time dateTime={at} title={exactly(at)} className="numeric unbroken age">
      {inOneUnit(seconds)}
    </time>
  );
}

/** What is ahead: "in 12 s"; when the moment has come, "now". */
export function Until({ at }: { readonly at: string }): ReactElement {
  const seconds = Math.ceil((Date.parse(at) - useNow()) / 1000);
  return (
    <time dateTime={at} title={exactly(at)} className="numeric unbroken">
      {seconds <= 0 ? "now" : `in ${inOneUnit(seconds)}`}
    </time>
  );
}

/** What is worth watching come: "4:09"; when the moment has come, "0:00". */
export function Countdown({ at }: { readonly at: string }): ReactElement {
  const seconds = Math.max(0, Math.ceil((Date.parse(at) - useNow()) / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (part: number): string => String(part).padStart(2, "0");
  return (
    <time dateTime={at} title={exactly(at)} className="numeric unbroken" role="timer">
      {hours > 0 ? `${hours}:${two(minutes)}` : minutes}:{two(seconds % 60)}
    </time>
  );
}
