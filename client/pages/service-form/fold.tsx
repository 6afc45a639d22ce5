/** A part of the form that most need not look at: folded, and opened by itself when something in it is wrong. */
import { Collapse } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { useId, useState, type ReactElement, type ReactNode } from "react";
import { stayInField } from "./list.tsx";

type FoldProps = {
  readonly label: string;
  /** At first. */
  readonly isOpen?: boolean;
  /** The form's, by field. */
  readonly errors: Readonly<Record<string, unknown>>;
  /** The fields within it. */
  readonly holds: RegExp;
  readonly children: ReactNode;
};

export function Fold({ label, isOpen = false, errors, holds, children }: FoldProps): ReactElement {
  const [wanted, setWanted] = useState(isOpen);
  const id = useId();
  const opened = wanted || Object.keys(errors).some((field) => holds.test(field));
  return (
    <>
      <button type="button" className="fold" aria-expanded={opened} aria-controls={id} onMouseDown={stayInField} onClick={() => setWanted(!opened)}>
        <IconChevronRight size={16} aria-hidden />
        {label}
      </button>
      <Collapse id={id} expanded={opened} transitionDuration={0}>
        <div className="stack">{children}</div>
      </Collapse>
    </>
  );
}
