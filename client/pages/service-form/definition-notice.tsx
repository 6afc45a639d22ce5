/** What is wrong with the definition of the chosen folder, before anything is started on it. */
import { useEffect, useState, type ReactElement } from "react";
import { Link } from "wouter";
import { useQuestion } from "../../connection/operations.ts";
import {
  CheckModelDefinitionDocument,
  FolderDefinitionDocument,
  type CheckModelDefinitionQuery,
  type ProblemItemFragment,
} from "../../gql/graphql.ts";
import { Problems } from "../../parts/problems.tsx";
import { editAddress } from "../edit/address.ts";

type Found =
  | { readonly kind: "none" }
  | {
      readonly kind: "checked";
      readonly path: string;
      readonly check: CheckModelDefinitionQuery["checkModelDefinition"];
      /** Of the folder: other files that may be taken for it. */
      readonly others: readonly ProblemItemFragment[];
    };

export function DefinitionNotice({ folderId }: { readonly folderId: string | null }): ReactElement | null {
  const ask = useQuestion();
  const [known, setKnown] = useState<{ readonly folderId: string; readonly found: Found } | null>(null);
  useEffect(() => {
    if (folderId === null) return;
    let isOld = false;
    const look = async (): Promise<Found> => {
      const file = (await ask(FolderDefinitionDocument, { id: folderId })).folder?.definitionFile;
      if (!file) return { kind: "none" };
      const { checkModelDefinition: check } = await ask(CheckModelDefinitionDocument, { yaml: file.content, fileName: file.path });
      return { kind: "checked", path: file.path, check, others: file.warnings };
    };
    // What cannot be asked now is said by the server when it is started.
    look()
      .then((found) => isOld || setKnown({ folderId, found }))
      .catch(() => undefined);
    return () => {
      isOld = true;
    };
  }, [ask, folderId]);

  if (folderId === null || known?.folderId !== folderId) return null;
  const { found } = known;
  if (found.kind === "none") {
    return (
      <p className="notice" data-tone="amber" role="status">
        There is no model-definition.yml in this folder yet: the service would be unhealthy until there is.{" "}
        <Link href={editAddress(folderId, "model-definition.yml")}>Write it</Link>
      </p>
    );
  }
  const { problems, warnings } = found.check;
  const addressOf = ({ line }: ProblemItemFragment) => editAddress(folderId, found.path, line);
  const all = [...warnings, ...found.others];
  if (problems.length === 0 && all.length === 0) return null;
  return (
    <div className="stack" role="status" style={{ "--gap": "8px" }}>
      {problems.length > 0 && (
        <>
          <p>The service would be unhealthy until this is corrected in {found.path}:</p>
          <Problems problems={problems} addressOf={addressOf} />
        </>
      )}
      {all.length > 0 && <Problems problems={all} tone="amber" addressOf={addressOf} />}
    </div>
  );
}
