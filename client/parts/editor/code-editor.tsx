/** The place of the editor on a page: what it needs is fetched on first use, and the text is readable meanwhile. */
import "./editor.css";
import { useEffect, useEffectEvent, useRef, useState, type ReactElement } from "react";
import { loadPart } from "../load-part.ts";
import type { Editor } from "./open-editor.ts";

type CodeEditorProps = {
  /** What it begins with; later changes come through the editor that `onOpened` hands out. */
  readonly text: string;
  readonly fileName: string;
  readonly label: string;
  readonly isDefinition: boolean;
  readonly isReadOnly: boolean;
  readonly onChange: (text: string) => void;
  readonly onSave: () => void;
  readonly onOpened: (editor: Editor | null) => void;
};

export function CodeEditor({ text, fileName, label, isDefinition, isReadOnly, ...on }: CodeEditorProps): ReactElement {
  const place = useRef<HTMLDivElement>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [opened, setOpened] = useState(false);
  const begin = useEffectEvent(() => text);
  const changed = useEffectEvent((next: string) => on.onChange(next));
  const save = useEffectEvent(() => on.onSave());
  const tell = useEffectEvent((editor: Editor | null) => on.onOpened(editor));

  useEffect(() => {
    const parent = place.current;
    if (parent === null) return;
    let editor: Editor | null = null;
    let isGone = false;
    const options = { parent, text: begin(), fileName, label, isDefinition, isReadOnly, onChange: changed, onSave: save };
    loadPart(() => import("./open-editor.ts"))
      .then(({ openEditor }) => openEditor(options))
      .then((made) => {
        if (isGone) return made.close();
        editor = made;
        setOpened(true);
        tell(made);
      })
      .catch(() => setProblem("The editor could not be loaded. Load the page again; what was typed is kept."));
    return () => {
      isGone = true;
      editor?.close();
      tell(null);
    };
  }, [fileName, label, isDefinition, isReadOnly]);

  return (
    <div className="code-editor" ref={place}>
      {problem !== null && <p style={{ padding: 16 }}>{problem}</p>}
      {!opened && <pre className="code-editor-waiting">{text}</pre>}
    </div>
  );
}
