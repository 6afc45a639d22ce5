/** Copying, beside everything that someone may want elsewhere. Works without a secure context too (http to another host). */
import { ActionIcon } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useEffect, useState, type ReactElement } from "react";

/** False where the browser refuses; then the text has to be shown to be copied by hand. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  area.style.opacity = "0";
  // Inside an open dialog, whose focus trap would take the focus away from an element outside of it.
  (document.querySelector('[role="dialog"]') ?? document.body).append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  return copied;
}

type CopyProps = {
  /** What is copied, for the label: "endpoint", "command". */
  readonly what: string;
  /** The text, or how to get it; a rejection is the caller's to show. */
  readonly text: string | (() => Promise<string | null>);
};

export function Copy({ what, text }: CopyProps): ReactElement {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    const value = typeof text === "string" ? text : await text();
    if (value !== null) setCopied(await copyText(value));
  };
  const label = copied ? `Copied ${what}` : `Copy ${what}`;
  return (
    <ActionIcon variant="subtle" color="gray" size="md" aria-label={label} title={label} onClick={() => void copy()} className="above">
      {copied ? <IconCheck size={16} color="var(--green)" /> : <IconCopy size={16} />}
      <span role="status" className="unseen">
        {copied ? `Copied ${what}` : ""}
      </span>
    </ActionIcon>
  );
}

/** A command or a secret in a box of its own, with its copy button. */
export function Command({ what, text }: { readonly what: string; readonly text: string }): ReactElement {
  return (
    <div className="command">
      <pre tabIndex={0} aria-label={what}>
        {text}
      </pre>
      <Copy what={what} text={text} />
    </div>
  );
}
