/** Sessions that belong to no route and wait for a word: said to administrators, who alone can give it. */
import { Button } from "@mantine/core";
import { useCallback, useState, type ReactElement } from "react";
import { useFresh } from "../../connection/fresh.ts";
import { useQuestion, useReading } from "../../connection/operations.ts";
import { OrphansDocument, ViewerDocument } from "../../gql/graphql.ts";
import { OrphansDialog } from "./orphans-dialog.tsx";

const everyMs = 5_000;

export function OrphansNotice(): ReactElement | null {
  const { data } = useReading(ViewerDocument, {});
  return data?.viewer.role === "ADMIN" ? <Told /> : null;
}

function Told(): ReactElement | null {
  const ask = useQuestion();
  const { value, again } = useFresh(
    "orphans",
    useCallback(() => ask(OrphansDocument, {}), [ask]),
    everyMs,
  );
  const [isOpen, setOpen] = useState(false);
  const orphans = value?.installation.orphanSessions ?? [];
  const isStopping = value?.installation.stoppingOrphans ?? false;
  if (orphans.length === 0 && !isOpen) return null;
  return (
    <>
      {orphans.length > 0 && (
        <div className="notice line apart" data-tone="amber" role="status" style={{ flexWrap: "wrap", "--gap": "8px 16px", marginBottom: 12 }}>
          <span className="numeric" style={{ flex: "1 1 320px" }}>
            {isStopping
              ? `${sessions(orphans.length)} that belong to no route are being stopped.`
              : `${sessions(orphans.length)} run that belong to no route of any service. They go on until an administrator has them stopped.`}
          </span>
          <Button variant="default" size="compact-md" onClick={() => setOpen(true)}>
            Look at them
          </Button>
        </div>
      )}
      <OrphansDialog opened={isOpen} orphans={orphans} isStopping={isStopping} onClose={() => setOpen(false)} onConfirmed={again} />
    </>
  );
}

const sessions = (count: number): string => (count === 1 ? "1 session" : `${count} sessions`);
