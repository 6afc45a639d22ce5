/** Where data has not arrived for the first time. Never over data that is already there. */
import { Skeleton } from "@mantine/core";
import type { ReactElement } from "react";

export function Waiting({ rows }: { readonly rows: number }): ReactElement {
  return (
    <div className="panel stack" style={{ padding: 16 }} aria-busy aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} height={32} animate={false} />
      ))}
    </div>
  );
}
