/**
 * CodeMirror, put together for the console. This is the chunk that is fetched when a file is opened; nothing else imports it.
 *
 * The text is kept as it is, whatever its line breaks: the break is named, so that CodeMirror does not make all of them alike.
 * Tab is left to the browser, or somebody without a mouse could never leave; Ctrl+] and Ctrl+[ indent.
 */
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorSelection, EditorState, type Extension } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  rectangularSelection,
} from "@codemirror/view";
import { languageOf } from "./languages.ts";
import { diagnosticsOf, rangeOf, type Mark } from "./problems.ts";
import { looks } from "./theme.ts";

export type EditorOptions = {
  readonly parent: HTMLElement;
  readonly text: string;
  readonly fileName: string;
  readonly label: string;
  /** A model definition: keys and values are completed and explained, and problems are marked. */
  readonly isDefinition: boolean;
  /** To be read and copied only. */
  readonly isReadOnly: boolean;
  readonly onChange: (text: string) => void;
  readonly onSave: () => void;
};

export type Editor = {
  readonly text: () => string;
  /** Takes the place of all of it; one step back brings the old text again. */
  readonly replace: (text: string) => void;
  /** Marks what was found in this text; nothing where it is another by now. */
  readonly mark: (text: string, marks: readonly Mark[]) => void;
  readonly jump: (line: number, column: number | null) => void;
  readonly focus: () => void;
  readonly close: () => void;
};

export async function openEditor(options: EditorOptions): Promise<Editor> {
  const { parent, text, fileName, isDefinition } = options;
  const [language, help] = await Promise.all([languageOf(fileName), isDefinition ? helpWithDefinitions() : null]);
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        EditorState.lineSeparator.of(/\r\n/.test(text) && !/(^|[^\r])\n/.test(text) ? "\r\n" : "\n"),
        keymap.of([
          {
            key: "Mod-s",
            run: () => {
              options.onSave();
              return true;
            },
            preventDefault: true,
          },
        ]),
        isDefinition ? lintGutter() : [],
        EditorState.readOnly.of(options.isReadOnly),
        common,
        language,
        help ?? autocompletion(),
        /\.(md|markdown|txt)$/i.test(fileName) ? EditorView.lineWrapping : [],
        EditorView.contentAttributes.of({ "aria-label": options.label, tabindex: "0" }),
        EditorView.updateListener.of((update) => update.docChanged && options.onChange(update.state.sliceDoc())),
      ],
    }),
  });
  return {
    text: () => view.state.sliceDoc(),
    replace: (next) => {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: view.state.toText(next) }, selection: { anchor: 0 } });
    },
    mark: (of, marks) => {
      if (of === view.state.sliceDoc()) view.dispatch(setDiagnostics(view.state, diagnosticsOf(view.state.doc, marks)));
    },
    jump: (line, column) => {
      const { from } = rangeOf(view.state.doc, { line, column });
      view.dispatch({ selection: EditorSelection.cursor(from), effects: EditorView.scrollIntoView(from, { y: "center" }) });
      view.focus();
    },
    focus: () => view.focus(),
    close: () => view.destroy(),
  };
}

const common: Extension = [
  looks,
  lineNumbers(),
  highlightActiveLineGutter(),
  highlightSpecialChars(),
  history(),
  foldGutter(),
  drawSelection(),
  rectangularSelection(),
  indentUnit.of("  "),
  indentOnInput(),
  bracketMatching(),
  closeBrackets(),
  highlightActiveLine(),
  highlightSelectionMatches(),
  keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap, ...lintKeymap]),
];

async function helpWithDefinitions(): Promise<Extension> {
  const { helpDefinition } = await import("./definition-help.ts");
  return helpDefinition;
}
