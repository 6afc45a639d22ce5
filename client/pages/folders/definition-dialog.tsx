/**
 * Shows and writes a folder's model definition: checked by the server on leaving the text, never while typing. The text starts
 * with what was typed in this tab and not saved, else with the file; a file that somebody else changed meanwhile is not replaced.
 */
import { Button, Modal, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useEffect, useState, type ReactElement } from "react";
import { useChange, useQuestion } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import { CheckModelDefinitionDocument, ReadDefinitionDocument, WriteFileDocument, type CheckModelDefinitionQuery } from "../../gql/graphql.ts";
import { Notice } from "../../parts/notice.tsx";
import { Problems } from "../../parts/problems.tsx";
import { forgetDefinition, guideExample, keepDefinition, readDefinition } from "./definition-draft.ts";

type Target = { readonly id: string; readonly name: string };
type DefinitionDialogProps = {
  readonly folder: Target | null;
  readonly onClose: () => void;
  /** After it was saved: a service that failed on the old text can be tried again. */
  readonly onSaved?: () => void;
};

export function DefinitionDialog({ folder, onClose, onSaved }: DefinitionDialogProps): ReactElement {
  return (
    <Modal opened={folder !== null} onClose={onClose} title={<b>model-definition.yml</b>} size={720} closeOnClickOutside={false}>
      {folder !== null && <Content key={folder.id} folder={folder} onClose={onClose} onSaved={onSaved} />}
    </Modal>
  );
}

type Check = CheckModelDefinitionQuery["checkModelDefinition"];
type Present = { readonly path: string; readonly etag: string };
type ContentProps = { readonly folder: Target; readonly onClose: () => void; readonly onSaved: (() => void) | undefined };

function Content({ folder, onClose, onSaved }: ContentProps): ReactElement {
  const ask = useQuestion();
  const change = useChange();
  const [yaml, setYaml] = useState(() => readDefinition(folder.id) ?? "");
  const [checked, setChecked] = useState<{ readonly yaml: string; readonly result: Check } | null>(null);
  // What was said of another text says nothing of this one.
  const check = checked?.yaml === yaml ? checked.result : null;
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [present, setPresent] = useState<Present | null>(null);
  // Until the file is here nothing can be typed, so that it never replaces what was.
  const [loading, setLoading] = useState(true);

  useEffect(() => {
    let isOpen = true;
    ask(ReadDefinitionDocument, { id: folder.id })
      .then((data) => {
        const file = data.folder?.definitionFile ?? null;
        if (!isOpen || file === null) return;
        setPresent(file);
        if (readDefinition(folder.id) === null) setYaml(file.content);
      })
      .catch((thrown: unknown) => isOpen && setMessage(unreachable(thrown).message))
      .finally(() => isOpen && setLoading(false));
    return () => {
      isOpen = false;
    };
  }, [ask, folder.id]);

  const write = (text: string) => {
    setYaml(text);
    keepDefinition(folder.id, text);
  };

  const look = async (): Promise<Check | null> => {
    try {
      const { checkModelDefinition: result } = await ask(CheckModelDefinitionDocument, { yaml });
      setChecked({ yaml, result });
      return result;
    } catch (thrown) {
      setMessage(unreachable(thrown).message);
      return null;
    }
  };

  /** A text whose problems nobody has seen yet is not saved: they are shown first, and then it may be. */
  const save = async () => {
    if (check === null && (await look())?.valid !== true) return;
    setBusy(true);
    const outcome = await change(WriteFileDocument, {
      input: { folderId: folder.id, path: present?.path ?? "model-definition.yml", content: yaml, ifMatch: present?.etag ?? null },
    })
      .then((data) => outcomeOf(data.writeFile, "WriteFileSuccess"))
      .catch(unreachable);
    setBusy(false);
    if (!outcome.ok) return setMessage(outcome.message);
    forgetDefinition(folder.id);
    notifications.show({ message: `model-definition.yml was saved in ${folder.name}.` });
    onSaved?.();
    onClose();
  };

  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        void save();
      }}
    >
      <p className="soft">
        Saving writes the file into the folder <b>{folder.name}</b>. Services that run keep the definition they started with.
      </p>
      <Notice tone="red">{message}</Notice>
      <Textarea
        label="Definition"
        value={yaml}
        onChange={(event) => write(event.currentTarget.value)}
        onBlur={() => yaml.trim() !== "" && void look()}
        rows={18}
        disabled={loading}
        spellCheck={false}
        wrap="off"
        styles={{ input: { fontFamily: "var(--mono)", fontSize: "0.8125rem", lineHeight: 1.5 } }}
        data-autofocus
      />
      <div aria-live="polite" style={{ minHeight: 20 }}>
        {check === null ? (
          <span className="soft">It is checked when you leave the text.</span>
        ) : check.valid ? (
          <span style={{ color: "var(--green)" }}>The definition can be used.</span>
        ) : (
          <Problems problems={check.problems} />
        )}
      </div>
      <div className="line" style={{ justifyContent: "flex-end", flexWrap: "wrap" }}>
        {yaml === "" && !loading && (
          <Button variant="subtle" color="gray" onClick={() => write(guideExample)} style={{ marginInlineEnd: "auto" }}>
            Insert the guide’s example
          </Button>
        )}
        <Button variant="default" onClick={onClose}>
          Close
        </Button>
        <Button type="submit" loading={busy} disabled={yaml.trim() === ""}>
          {check?.valid === false ? "Save anyway" : onSaved === undefined ? "Save" : "Save and retry"}
        </Button>
      </div>
    </form>
  );
}
