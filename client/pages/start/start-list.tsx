/** A list in the start dialog that grows by a button: each item in a row of its own, with what is wrong with it at its field. */
import { ActionIcon, Button } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import type { ReactElement, ReactNode } from "react";

type StartListProps<Item> = {
  readonly title: string;
  readonly about: string;
  readonly items: readonly Item[];
  /** Of the list as a whole. */
  readonly error: ReactNode;
  readonly addLabel: string;
  readonly nameOf: (item: Item, index: number) => string;
  readonly onAdd: () => void;
  readonly onRemove: (index: number) => void;
  readonly row: (item: Item, index: number) => ReactNode;
};

export function StartList<Item>({ title, about, items, error, addLabel, nameOf, onAdd, onRemove, row }: StartListProps<Item>): ReactElement {
  return (
    <fieldset className="start-list">
      <legend>{title}</legend>
      <p className="soft">{about}</p>
      {items.map((item, index) => (
        <div key={index} className="start-item">
          {row(item, index)}
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={`Remove ${nameOf(item, index)}`}
            title="Remove"
            onClick={() => onRemove(index)}
          >
            <IconX size={16} stroke={1.5} />
          </ActionIcon>
        </div>
      ))}
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
