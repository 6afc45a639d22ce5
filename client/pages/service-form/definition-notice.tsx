/** What is wrong with the definition of the chosen folder, before anything is started on it; where there is none, whether one is needed. */
import { useEffect, useState, type ReactElement } from "react";
import { Link } from "wouter";
import { useQuestion } from "../../connection/operations.ts";
import {
  CheckModelDefinitionDocument,
  FolderDefinitionDocument,
  type CheckModelDefinitionQuery,
  type EnvironmentChoiceFragment,
  type ProblemItemFragment,
} from "../../gql/graphql.ts";
import { listed } from "../../parts/listed.ts";
import { Problems } from "../../parts/problems.tsx";
import { editAddress } from "../edit/address.ts";

type Found =
  | { readonly kind: "none"; readonly folderName: string }
  | {
      readonly kind: "checked";
      readonly path: string;
      readonly check: CheckModelDefinitionQuery["checkModelDefinition"];
      /** Of the folder: other files that may be taken for it. */
      readonly others: readonly ProblemItemFragment[];
    };

type DefinitionNoticeProps = {
  readonly folderId: string | null;
  readonly environment: EnvironmentChoiceFragment | undefined;
  readonly all: readonly EnvironmentChoiceFragment[];
};

export function DefinitionNotice({ folderId, environment, all: environments }: DefinitionNoticeProps): ReactElement | null {
  const ask = useQuestion();
  const [known, setKnown] = useState<{ readonly folderId: string; readonly found: Found } | null>(null);
  useEffect(() => {
    if (folderId === null) return;
    let isOld = false;
    const look = async (): Promise<Found> => {
      const { folder } = await ask(FolderDefinitionDocument, { id: folderId });
      const file = folder?.definitionFile;
      if (!file) return { kind: "none", folderName: folder?.name ?? "" };
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
    const write = <Link href={editAddress(folderId, "model-definition.yml")}>Write it</Link>;
    if (environment?.defaultService != null) {
      return (
        <p className="notice" data-tone="blue" role="status">
          No model-definition.yml is needed: {environment.name} serves the folder by its own command. Callers name the model{" "}
          <code>{found.folderName}</code>.
        </p>
      );
    }
    const others = [...new Set(environments.filter(({ defaultService }) => defaultService !== null).map(({ runtime }) => runtime))];
    return (
      <p className="notice" data-tone="amber" role="status">
        There is no model-definition.yml in this folder yet: the service would be unhealthy until there is. {write}
        {others.length > 0 && `, or choose an environment that serves without one: ${listed(others)}`}
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
