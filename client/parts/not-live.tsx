/** The connection stands and still this page is not live: the server could not tell. Said, because old data must not look live. */
import type { ReactElement } from "react";
import { Notice } from "./notice.tsx";

export function NotLive({ problem }: { readonly problem: string | null }): ReactElement {
  return <Notice tone="amber">{problem === null ? null : `This page is not live right now. ${problem} It is tried again every few seconds.`}</Notice>;
}
