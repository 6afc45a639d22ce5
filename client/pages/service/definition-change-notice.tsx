/** The file in the folder is no longer what the service runs: said, with the way to run it, and what that does. */
import { Button } from "@mantine/core";
import type { ReactElement } from "react";
import { Link } from "wouter";
import { editAddress } from "../edit/address.ts";
import type { ServiceDetail } from "./service-detail.ts";
import type { Wish } from "./use-wish.ts";

type DefinitionChangeNoticeProps = {
  readonly service: ServiceDetail;
  readonly retrying: Wish;
  /** The headline has the button already. */
  readonly isOfferedAbove: boolean;
};

export function DefinitionChangeNotice({ service, retrying, isOfferedAbove }: DefinitionChangeNoticeProps): ReactElement | null {
  const { definitionChange, revision } = service;
  if (definitionChange === null) return null;
  const { sinceRevision, fileName } = definitionChange;
  const folder = <Link href={`/folders/${revision.folder.id}`}>{revision.folder.name}</Link>;
  return (
    <div className="notice line" data-tone="amber" role="status" style={{ flexWrap: "wrap", "--gap": "8px 16px", padding: "8px 16px" }}>
      {fileName === null ? (
        <p style={{ flex: "1 1 320px" }}>
          {folder} holds no model definition any more; the service still runs that of revision {sinceRevision}. It cannot be rolled out again until
          there is one: <Link href={editAddress(revision.folder.id, "model-definition.yml")}>write it</Link>.
        </p>
      ) : (
        <>
          <div style={{ flex: "1 1 320px" }}>
            <p>
              The definition in {folder} has changed since revision {sinceRevision}.{" "}
              <Link href={editAddress(revision.folder.id, fileName)}>Look at it</Link>
            </p>
            <p className="soft">
              {isOfferedAbove
                ? "Clearing errors and retrying rolls it out."
                : "Rolling it out makes a new revision, and routes of that take the place of these; those serve until then, where there is room for both."}
            </p>
          </div>
          {!isOfferedAbove && (
            <Button loading={retrying.isBusy} onClick={() => void retrying.ask()}>
              Roll it out
            </Button>
          )}
        </>
      )}
    </div>
  );
}
