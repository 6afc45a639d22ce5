/** What sessions may do: of an image what it allows, of the machine's own programs whether they see the machine. */
import { Checkbox, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import type { ReactElement } from "react";
import { isHost, type EnvironmentValues } from "./environment-form.ts";

export function ConfinementFields({ form }: { readonly form: UseFormReturnType<EnvironmentValues> }): ReactElement {
  const ofHost = isHost(form.values);
  return (
    <>
      {ofHost ? (
        <Checkbox
          label="Isolated"
          description="Sessions see copies of the machine’s programs and the files of all folders, no other file of it; its network is theirs too. Nomad’s clients must be set up for it."
          {...form.getInputProps("isolated", { type: "checkbox" })}
        />
      ) : (
        <Checkbox
          label="Read-only root"
          description="Sessions write their folders, /home/work and /tmp, and nothing else."
          {...form.getInputProps("readOnlyRoot", { type: "checkbox" })}
        />
      )}
      {(!ofHost || form.values.isolated) && (
        <TextInput
          label="Runs as"
          description={ofHost ? "A user of the machines, by name." : "A user, or user:group, by name or number."}
          placeholder={ofHost ? "nobody" : "As the image says"}
          autoComplete="off"
          spellCheck={false}
          {...form.getInputProps("runAs")}
        />
      )}
    </>
  );
}
