/**
 * Asks before something that cannot be undone, or that callers may notice, and says what will happen; where much depends on it, also for the name of what it
 * happens to. What the server refuses is shown in the dialog.
 */
import { Button, Modal, TextInput } from "@mantine/core";
import { useState, type ReactElement, type ReactNode } from "react";
import type { Refused } from "../connection/outcome.ts";
import { Notice } from "./notice.tsx";

type ConfirmDialogProps = {
  readonly opened: boolean;
  readonly title: string;
  readonly verb: string;
  /** It can be undone: the button is none of danger. */
  readonly isHarmless?: boolean;
  /** Has to be typed first. */
  readonly name?: string;
  readonly onConfirm: () => Promise<{ readonly ok: true } | Refused>;
  readonly onClose: () => void;
  readonly children: ReactNode;
};

export function ConfirmDialog(props: ConfirmDialogProps): ReactElement {
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={<b>{props.title}</b>} centered>
      {props.opened && <Content {...props} />}
    </Modal>
  );
}

function Content({ verb, name, isHarmless = false, onConfirm, onClose, children }: ConfirmDialogProps): ReactElement {
  const [typed, setTyped] = useState("");
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const isMeant = name === undefined || typed === name;
  const confirm = async () => {
    setBusy(true);
    const outcome = await onConfirm();
    setBusy(false);
    if (outcome.ok) onClose();
    else setMessage(outcome.message);
  };
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (isMeant) void confirm();
      }}
    >
      <Notice tone="red">{message}</Notice>
      <div>{children}</div>
      {name !== undefined && (
        <TextInput
          label={
            <>
              Type <code>{name}</code> to confirm
            </>
          }
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
        />
      )}
      <div className="line" style={{ justifyContent: "flex-end" }}>
        <Button variant="default" onClick={onClose} data-autofocus={name === undefined || undefined}>
          {name === undefined ? "Cancel" : "Keep it"}
        </Button>
        <Button type="submit" color={isHarmless ? "gray" : "red"} disabled={!isMeant} loading={busy}>
          {verb}
        </Button>
      </div>
    </form>
  );
}
