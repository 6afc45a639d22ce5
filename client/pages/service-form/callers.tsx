/** Who finds it: other names at the gateway's main address, and web pages that may call it. */
import { TagsInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import type { ReactElement } from "react";
import { Fold } from "./fold.tsx";
import type { ServiceValues } from "./values.ts";

export function ServiceCallers({ form }: { readonly form: UseFormReturnType<ServiceValues> }): ReactElement {
  const tagsOf = (field: "aliases" | "allowedOrigins") => ({
    ...form.getInputProps(field),
    acceptValueOnBlur: true,
    splitChars: [",", " "],
    // Each is finished when it comes here, and leaving the field is over by then.
    onChange: (all: string[]) => {
      form.setFieldValue(field, all);
      form.validateField(field);
    },
  });
  return (
    <Fold label="Callers" errors={form.errors} holds={/^(aliases|allowedOrigins)/}>
      <TagsInput
        label="Aliases"
        description="Other names that OpenAI’s clients may call it by at the gateway’s main address, such as the one the model knows itself by"
        {...tagsOf("aliases")}
      />
      <TagsInput
        label="Allowed origins"
        description="Web pages that may call it, such as https://app.example.com; * is any"
        {...tagsOf("allowedOrigins")}
      />
    </Fold>
  );
}
