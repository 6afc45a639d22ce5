/** The editor with what stands around it: saving, what is wrong, and for a definition what it means. */
import { Button } from "@mantine/core";
import { useWindowEvent } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useCallback, useEffect, useState, type ReactElement } from "react";
import { Link } from "wouter";
import { useRepeating } from "../../connection/fresh.ts";
import { CodeEditor } from "../../parts/editor/code-editor.tsx";
import type { Editor } from "../../parts/editor/open-editor.ts";
import { Notice } from "../../parts/notice.tsx";
import { Problems } from "../../parts/problems.tsx";
import { Ago } from "../../parts/time.tsx";
import { plainly } from "../../parts/visible-name.ts";
import { downloadAddress } from "../folders/address.ts";
import { isDefinitionPath } from "./address.ts";
import { ConflictNotice } from "./conflict-notice.tsx";
import { DefinitionPanel } from "./definition-panel.tsx";
import { DefinitionState } from "./definition-state.tsx";
import { guideExample } from "./template.ts";
import { marksOf, useDefinitionCheck } from "./use-definition-check.ts";
import type { EditedFile, Opened } from "./use-edited-file.ts";

type TextEditorProps = {
  readonly file: EditedFile;
  readonly opened: Extract<Opened, { kind: "text" }>;
  readonly path: string;
  /** Where to begin, from the address. */
  readonly line: number | null;
};

const lookEveryMs = 4_000;

export function TextEditor({ file, opened, path, line }: TextEditorProps): ReactElement {
  const { folder, begin, restoredFrom } = opened;
  const [editor, setEditor] = useState<Editor | null>(null);
  const [savedTimes, setSavedTimes] = useState(0);
  const [restored, setRestored] = useState(restoredFrom);
  const isDefinition = isDefinitionPath(path) && folder.usage === "MODEL";
  const isLink = folder.file?.kind === "LINK";
  const checked = useDefinitionCheck(isDefinition && file.text.trim() !== "" ? file.text : null, path);

  useEffect(() => {
    if (checked === null) editor?.mark("", []);
    else editor?.mark(checked.text, marksOf(checked.check));
  }, [editor, checked]);
  useEffect(() => {
    if (line === null) editor?.focus();
    else editor?.jump(line, null);
  }, [editor, line]);

  const tell = () => {
    setSavedTimes((times) => times + 1);
    setRestored(null);
    setTheirsAt(null);
    notifications.show({ message: `${plainly(path)} was saved in ${folder.name}.` });
  };
  const save = async () => {
    if (!isLink && (file.isDirty || file.base.etag === null) && (await file.save())) tell();
  };
  const takeTheirs = () => {
    editor?.replace(file.takeTheirs());
    setRestored(null);
  };
  const { lookAgain } = file;
  const [theirsAt, setTheirsAt] = useState<string | null>(null);
  const look = useCallback(async () => {
    const theirs = await lookAgain();
    if (theirs === null) return;
    editor?.replace(theirs);
    setTheirsAt(new Date().toISOString());
  }, [lookAgain, editor, setTheirsAt]);
  useRepeating(look, lookEveryMs);
  useWindowEvent("keydown", (event) => {
    // Inside the editor its own key has done it.
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s" || event.defaultPrevented) return;
    event.preventDefault();
    void save();
  });

  const problems = checked?.check.problems ?? [];
  // Those of the folder speak of other files, so they have no line here.
  const warnings = [...(checked?.check.warnings ?? []), ...(isDefinition ? (folder.definitionFile?.warnings ?? []) : [])];
  const jump = (problem: { readonly line: number | null; readonly column: number | null }) => editor?.jump(problem.line ?? 1, problem.column);
  return (
    <div className="stack" style={{ "--gap": "12px" }}>
      <div className="line apart" style={{ flexWrap: "wrap", "--gap": "12px" }}>
        <h1 style={{ overflowWrap: "anywhere" }}>{plainly(path)}</h1>
        <div className="line" style={{ "--gap": "12px", flexWrap: "wrap" }}>
          <span className="soft" role="status">
            {file.isDirty ? "Not saved yet" : file.base.etag === null ? "A new file" : isLink ? "A link" : "Saved"}
          </span>
          {theirsAt !== null && !file.isDirty && (
            <span className="soft">
              by somebody else, <Ago at={theirsAt} />
            </span>
          )}
          {file.base.etag !== null && (
            <Button variant="default" component="a" href={downloadAddress(folder.id, path)} download>
              Download
            </Button>
          )}
          {!isLink && (
            <Button
              loading={file.isSaving}
              disabled={file.conflict !== null || (!file.isDirty && file.base.etag !== null)}
              onClick={() => void save()}
            >
              {problems.length > 0 && file.isDirty ? "Save anyway" : "Save"}
            </Button>
          )}
        </div>
      </div>
      {isLink && <Notice tone="blue">This is a link to another file of the folder: its text is shown here, and changed where that file lies.</Notice>}
      <Notice tone="red">{file.message}</Notice>
      {file.conflict !== null && (
        <ConflictNotice
          theirs={file.conflict.theirs}
          mine={file.text}
          isBusy={file.isSaving}
          onTakeTheirs={takeTheirs}
          onOverwrite={() => void file.overwrite().then((saved) => saved && tell())}
        />
      )}
      {restored !== null && file.isDirty && file.conflict === null && (
        <div className="notice line apart" data-tone="blue" role="status" style={{ flexWrap: "wrap" }}>
          <span>
            This is what you typed <Ago at={new Date(restored).toISOString()} /> and did not save.
          </span>
          <Button variant="default" size="compact-sm" onClick={() => editor?.replace(file.base.text)}>
            Go back to what is saved
          </Button>
        </div>
      )}
      <div className="edit" data-aside={isDefinition || undefined}>
        <div className="stack" style={{ "--gap": "12px" }}>
          <div className="panel">
            <div className="text">
              <CodeEditor
                text={begin}
                fileName={path}
                label={`Text of ${path}`}
                isDefinition={isDefinition}
                isReadOnly={isLink}
                onChange={file.write}
                onSave={() => void save()}
                onOpened={setEditor}
              />
            </div>
            <p className="below">
              {isDefinition && <DefinitionState text={file.text} checked={checked} warnings={warnings.length} />}
              <span className="keys">
                <kbd>{control}S</kbd> saves,{" "}
                {isDefinition && (
                  <>
                    <kbd>Ctrl+Space</kbd> completes, <kbd>F8</kbd> goes to the next problem,{" "}
                  </>
                )}
                <kbd>{control}]</kbd> indents, <kbd>Tab</kbd> leaves the text
              </span>
            </p>
          </div>
          {isDefinition && file.text.trim() === "" && (
            <div className="line">
              <Button variant="default" disabled={editor === null} onClick={() => editor?.replace(guideExample)}>
                Insert the guide’s example
              </Button>
              <span className="soft">or begin to type: keys are completed.</span>
            </div>
          )}
          {problems.length > 0 && <Problems problems={problems} onJump={jump} />}
          {warnings.length > 0 && <Problems problems={warnings} tone="amber" onJump={jump} />}
        </div>
        {isDefinition && (
          <DefinitionPanel
            folder={folder}
            check={checked?.check ?? null}
            savedTimes={savedTimes}
            isSaved={!file.isDirty && file.base.etag !== null}
          />
        )}
      </div>
      <p className="soft">
        In the folder <Link href={`/folders/${folder.id}`}>{folder.name}</Link>.
      </p>
    </div>
  );
}

/** As the keys are called on the machine in front of the page. */
const control = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl+";
