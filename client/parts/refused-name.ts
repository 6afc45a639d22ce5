/**
 * A name that the server has refused because it is taken: said at its field until the name is another one, also where the field is left and
 * nothing else is wrong with it. It may be sent again as it is: whoever had the name may have given it up meanwhile.
 */
import type { UseFormReturnType } from "@mantine/form";
import { useState } from "react";
import type { Refused } from "../connection/outcome.ts";

export type RefusedName = {
  /** Of the field, in place of what the form gives. */
  readonly input: ReturnType<UseFormReturnType<{ name: string }>["getInputProps"]>;
  /** Shows what is wrong at the fields, goes to the first of them, and returns what is left for the top of the dialog. */
  readonly show: (refused: Refused, fields: Readonly<Record<string, string>>) => string | null;
  readonly goToFirst: (errors: object) => void;
};

const framesMax = 20;

export function useRefusedName<Values extends { name: string }>(form: UseFormReturnType<Values>): RefusedName {
  const [taken, setTaken] = useState<string | null>(null);
  const props = form.getInputProps("name");
  /** What is wrong may be out of sight, or folded away until the fold has opened for it. */
  const goToFirst = (errors: object, framesLeft = framesMax): void => {
    requestAnimationFrame(() => {
      const field = form.getInputNode(Object.keys(errors)[0] ?? "");
      if (field?.checkVisibility() === false && framesLeft > 0) return goToFirst(errors, framesLeft - 1);
      field?.focus({ preventScroll: true });
      field?.scrollIntoView({ block: "center" });
    });
  };
  return {
    input: {
      ...props,
      onBlur: (event: unknown) => {
        if (form.getValues().name.trim() !== taken) (props["onBlur"] as ((event: unknown) => void) | undefined)?.(event);
      },
    },
    show: (refused, fields) => {
      const name = form.getValues().name.trim();
      const errors: Record<string, string> = Object.fromEntries(Object.entries(refused.fields).map(([path, text]) => [fields[path] ?? path, text]));
      const isTaken = refused.isConflict && refused.message !== null && isAboutName(refused.message, name);
      if (isTaken) errors["name"] = refused.message ?? "";
      setTaken(isTaken ? name : null);
      form.setErrors(errors);
      goToFirst(errors);
      return isTaken ? null : refused.message;
    },
    goToFirst: (errors) => goToFirst(errors),
  };
}

/** A conflict has no fields: "There is a service chat already." */
export function isAboutName(message: string, name: string): boolean {
  return ["service", "folder", "group", "name"].some((noun) => ` ${message} `.includes(` ${noun} ${name} `));
}
