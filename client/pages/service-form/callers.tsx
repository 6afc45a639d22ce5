/** Who finds it: other names at the gateway's main address, and web pages that may call it. */
import { TagsInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import type { ReactElement } from "react";
import { Fold } from "./fold.tsx";
import type { ServiceValues } from "./values.ts";

export function ServiceCallers({ form }: { readonly form: UseFormReturnType<ServiceValues> }): ReactElement {
  return (
    <Fold label="Callers" errors={form.errors} holds={/^(aliases|allowedOrigins)/}>
      <TagsInput
        label="Aliases"
        description="Other names that OpenAI’s clients may call it by at the gateway’s main address, such as the one the model knows itself by"
        acceptValueOnBlur
        splitChars={[",", " "]}
        {...form.getInputProps("aliases")}
      />
      <TagsInput
        label="Allowed origins"
        description="Web pages that may call it, such as https://app.example.com; * is any"
        acceptValueOnBlur
        splitChars={[",", " "]}
        {...form.getInputProps("allowedOrigins")}
      />
    </Fold>
  );
}
