/** What concerns this whole Serai, for administrators. */
import type { ReactElement } from "react";
import { useReading } from "../../connection/operations.ts";
import { ViewerDocument } from "../../gql/graphql.ts";
import { Blank } from "../../parts/blank.tsx";
import { SigningKeysPanel } from "./signing-keys-panel.tsx";

export default function SettingsPage(): ReactElement | null {
  const { data } = useReading(ViewerDocument, {});
  if (data === undefined) return null;
  if (data.viewer.role !== "ADMIN") return <Blank title="Only for administrators" text="These settings concern everybody’s services." />;
  return (
    <div className="stack">
      <h1>Settings</h1>
      <SigningKeysPanel />
    </div>
  );
}
