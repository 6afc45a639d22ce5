/** Asks before something that cannot be undone, and says what will happen. What the server refuses is shown in the dialog. */
import { Button, Modal } from "@mantine/core";
import { useState, type ReactElement, type ReactNode } from "react";
import type { Refused } from "../connection/outcome.ts";
import { Notice } from "./notice.tsx";

type ConfirmDialogProps = {
  readonly opened: boolean;
  readonly title: string;
  readonly verb: string;
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

function Content({ verb, onConfirm, onClose, children }: ConfirmDialogProps): ReactElement {
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const confirm = async () => {
    setBusy(true);
    const outcome = await onConfirm();
    setBusy(false);
    if (outcome.ok) onClose();
    else setMessage(outcome.message);
  };
  return (
    <div className="stack">
      <Notice tone="red">{message}</Notice>
      <p>{children}</p>
      <div className="line" style={{ justifyContent: "flex-end" }}>
        <Button variant="default" onClick={onClose} data-autofocus>
          Cancel
        </Button>
        <Button color="red" loading={busy} onClick={() => void confirm()}>
          {verb}
        </Button>
      </div>
    </div>
  );
}
