/** A sentence of the server's, with what it puts in backticks set as code. */
import type { ReactElement } from "react";

export function Words({ children }: { readonly children: string }): ReactElement {
  const parts = children.split(/`([^`]+)`/);
  return <>{parts.map((part, place) => (place % 2 === 0 ? part : <code key={place}>{part}</code>))}</>;
}
