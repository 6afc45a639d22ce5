/** A list in the start dialog that grows by a button: each item in a row of its own, with what is wrong with it at its field. */
import { ActionIcon, Button } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import type { ReactElement, ReactNode } from "react";

type StartListProps = {
  readonly title: string;
  readonly about: string;
  /** Of the list as a whole. */
  readonly error: ReactNode;
  readonly addLabel: string;
  readonly onAdd: () => void;
  readonly children: ReactNode;
};

export function StartList({ title, about, error, addLabel, onAdd, children }: StartListProps): ReactElement {
  return (
    <fieldset className="start-list">
      <legend>{title}</legend>
      <p className="soft">{about}</p>
      {children}
      {error ? (
        <p role="alert" style={{ color: "var(--red)", fontSize: "0.75rem" }}>
          {error}
        </p>
      ) : null}
      <Button variant="default" size="compact-md" leftSection={<IconPlus size={14} />} onClick={onAdd} style={{ alignSelf: "flex-start" }}>
        {addLabel}
      </Button>
    </fieldset>
  );
}

type StartItemProps = { readonly name: string; readonly onRemove: () => void; readonly children: ReactNode };

export const StartItem = ({ name, onRemove, children }: StartItemProps): ReactElement => (
  <div className="start-item">
    {children}
    <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Remove ${name}`} title="Remove" onClick={onRemove}>
      <IconX size={16} stroke={1.5} />
    </ActionIcon>
  </div>
);
