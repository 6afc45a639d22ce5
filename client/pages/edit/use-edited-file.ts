/**
 * One file being edited: what it was when it was read, what was typed since, and who was faster.
 *
 * Saving names the state that the text began from, so it never replaces what somebody else has saved: then the text stays, and both
 * ways on are offered. What is typed is kept by the browser half a second later, and when the page is left.
 */
import { useCallback, useEffect, useEffectEvent, useRef, useState } from "react";
import { useChange, useQuestion } from "../../connection/operations.ts";
import { unreachable } from "../../connection/outcome.ts";
import { EditedFileDocument, EditedStateDocument, type EditedFileQuery } from "../../gql/graphql.ts";
import { dropDraft, dropOldDrafts, keepDraft, readDraft } from "./draft.ts";
import { saveFile } from "./save-file.ts";

type Folder = NonNullable<EditedFileQuery["folder"]>;
/** The file as it was read or saved last; no etag: there was none. */
export type Base = { readonly text: string; readonly etag: string | null };

export type Opened =
  | { readonly kind: "loading" }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "no folder" }
  /** There is something by that name, and it is no text that can be edited. */
  | { readonly kind: "no text"; readonly folder: Folder }
  | { readonly kind: "text"; readonly folder: Folder; readonly begin: string; readonly restoredFrom: number | null };

export type EditedFile = {
  readonly opened: Opened;
  readonly base: Base;
  readonly text: string;
  readonly isDirty: boolean;
  readonly isSaving: boolean;
  /** Why it was not saved. */
  readonly message: string | null;
  /** What somebody else has saved since; their text is null where they deleted the file. */
  readonly conflict: { readonly theirs: Base | null } | null;
  readonly write: (text: string) => void;
  /** True when it was saved. */
  readonly save: () => Promise<boolean>;
  /** Saves over what the conflict showed, and over nothing newer. */
  readonly overwrite: () => Promise<boolean>;
  /** Goes on from their text; whoever calls puts it into the editor. */
  readonly takeTheirs: () => string;
  /** Looks whether somebody has saved meanwhile. Where nothing was typed, their text is returned for the editor; else the conflict shows. */
  readonly lookAgain: () => Promise<string | null>;
};

const keepAfterMs = 500;

export function useEditedFile(folderId: string, path: string): EditedFile {
  const ask = useQuestion();
  const change = useChange();
  const [opened, setOpened] = useState<Opened>({ kind: "loading" });
  const [base, setBase] = useState<Base>({ text: "", etag: null });
  const [text, setText] = useState("");
  const [isSaving, setSaving] = useState(false);
  const [message, setMessage] = useState<string | null>(null);
  const [conflict, setConflict] = useState<EditedFile["conflict"]>(null);
  const isDirty = opened.kind === "text" && text !== base.text;
  const isIdle = opened.kind === "text" && !isSaving && conflict === null;
  const newest = useRef({ base, text, isIdle });
  useEffect(() => {
    newest.current = { base, text, isIdle };
  });

  useEffect(() => {
    let isGone = false;
    dropOldDrafts(Date.now());
    ask(EditedFileDocument, { id: folderId, path })
      .then(({ folder }) => {
        if (isGone) return;
        if (!folder) return setOpened({ kind: "no folder" });
        const file = baseOf(folder);
        if (file === undefined) return setOpened({ kind: "no text", folder });
        const found = file ?? { text: "", etag: null };
        const draft = readDraft(folderId, path);
        const isWorth = draft !== null && draft.text !== found.text;
        setBase(isWorth ? { text: found.text, etag: draft.etag } : found);
        if (isWorth && draft.etag !== found.etag) setConflict({ theirs: file });
        setText(isWorth ? draft.text : found.text);
        setOpened({ kind: "text", folder, begin: isWorth ? draft.text : found.text, restoredFrom: isWorth ? draft.at : null });
      })
      .catch((thrown: unknown) => isGone || setOpened({ kind: "failed", message: unreachable(thrown).message ?? "" }));
    return () => {
      isGone = true;
    };
  }, [ask, folderId, path]);

  useKeeping(folderId, path, text, base.etag, opened.kind === "text", isDirty);

  /** What is there now; undefined where it could not be asked or is no text. */
  const readAgain = useCallback(
    async (): Promise<Base | null | undefined> =>
      ask(EditedFileDocument, { id: folderId, path })
        .then(({ folder }) => (folder ? baseOf(folder) : undefined))
        .catch(() => undefined),
    [ask, folderId, path],
  );

  const saveOver = async (etag: string | null): Promise<boolean> => {
    if (isSaving) return false;
    setSaving(true);
    const saving = await saveFile(change, { folderId, path, content: text, etag });
    const theirs = saving.kind === "conflict" ? await readAgain() : undefined;
    setSaving(false);
    if (saving.kind === "saved") {
      setBase({ text, etag: saving.etag });
      setConflict(null);
      setMessage(null);
      return true;
    }
    // A conflict with what cannot be shown (no text, no answer) is told in its own words.
    if (theirs === undefined) setMessage(saving.message);
    else setConflict({ theirs });
    return false;
  };

  const lookAgain = useCallback(async (): Promise<string | null> => {
    const before = newest.current;
    if (!before.isIdle) return null;
    // Asked often, so only for the state; the text is read when that is another.
    const state = await ask(EditedStateDocument, { id: folderId, path }).catch(() => null);
    if (!state?.folder || (state.folder.file?.etag ?? null) === before.base.etag) return null;
    const present = await readAgain();
    const { base: now, text: typed, isIdle: isStillIdle } = newest.current;
    // What was typed or saved while it was asked is newer than the answer.
    if (present === undefined || (present?.etag ?? null) === now.etag || now !== before.base || !isStillIdle) return null;
    if (typed !== now.text || present === null) {
      setConflict({ theirs: present });
      return null;
    }
    setBase(present);
    setText(present.text);
    return present.text;
  }, [ask, folderId, path, readAgain]);

  return {
    opened,
    base,
    text,
    isDirty,
    isSaving,
    message,
    conflict,
    write: useCallback((next: string) => setText(next), []),
    save: () => (conflict === null ? saveOver(base.etag) : Promise.resolve(false)),
    overwrite: () => saveOver(conflict?.theirs?.etag ?? null),
    lookAgain,
    takeTheirs: () => {
      const theirs = conflict?.theirs ?? { text: "", etag: null };
      setBase(theirs);
      setText(theirs.text);
      setConflict(null);
      setMessage(null);
      return theirs.text;
    },
  };
}

/** Null where there is no such file; undefined where it is no text that can be edited. */
function baseOf({ file, textFile }: Folder): Base | null | undefined {
  if (textFile) return { text: textFile.content, etag: textFile.etag };
  return file ? undefined : null;
}

/** Keeps what was typed soon after, and at once when the page is left; asks before a tab with unsaved text is closed. */
function useKeeping(folderId: string, path: string, text: string, etag: string | null, isOpen: boolean, isDirty: boolean): void {
  const keep = useEffectEvent(() => {
    if (isDirty) keepDraft(folderId, path, text, etag);
  });
  useEffect(() => {
    if (!isOpen) return;
    if (!isDirty) return dropDraft(folderId, path);
    const timer = setTimeout(() => keepDraft(folderId, path, text, etag), keepAfterMs);
    return () => clearTimeout(timer);
  }, [folderId, path, text, etag, isOpen, isDirty]);
  useEffect(() => {
    if (!isDirty) return;
    const warn = (event: BeforeUnloadEvent) => {
      keep();
      event.preventDefault();
    };
    addEventListener("beforeunload", warn);
    return () => {
      removeEventListener("beforeunload", warn);
    };
  }, [isDirty]);
  // Another page of the console: nothing is asked, because coming back finds the text again.
  useEffect(() => () => keep(), []);
}
