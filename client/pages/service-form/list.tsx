/** A list in the form that grows by a button: each item in a row of its own, with what is wrong with it at its field. */
import { ActionIcon, Button } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import type { MouseEvent, ReactElement, ReactNode } from "react";

/**
 * Leaving a field may show an error below it, and what is being clicked would move away under the pointer before the click is one. So the
 * field is not left by pressing these buttons.
 */
export const stayInField = (event: MouseEvent): void => event.preventDefault();

type FormListProps = {
  readonly title: string;
  readonly about: string;
  /** Of the list as a whole. */
  readonly error: ReactNode;
  readonly addLabel: string;
  readonly onAdd: () => void;
  readonly children: ReactNode;
};

export function FormList({ title, about, error, addLabel, onAdd, children }: FormListProps): ReactElement {
  return (
    <fieldset className="form-list">
      <legend>{title}</legend>
      <p className="soft">{about}</p>
      {children}
      {error ? (
        <p role="alert" style={{ color: "var(--red)", fontSize: "0.75rem" }}>
          {error}
        </p>
      ) : null}
      <Button
        variant="default"
        size="compact-md"
        leftSection={<IconPlus size={14} />}
        onMouseDown={stayInField}
        onClick={onAdd}
        style={{ alignSelf: "flex-start" }}
      >
        {addLabel}
      </Button>
    </fieldset>
  );
}

type FormItemProps = { readonly name: string; readonly onRemove: () => void; readonly children: ReactNode };

export const FormItem = ({ name, onRemove, children }: FormItemProps): ReactElement => (
  <div className="form-item">
    {children}
    <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Remove ${name}`} title="Remove" onMouseDown={stayInField} onClick={onRemove}>
      <IconX size={16} stroke={1.5} />
    </ActionIcon>
  </div>
);
