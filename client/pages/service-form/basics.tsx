/** What everyone fills in: name, folder, who may call, how many routes. */
import { Button, NumberInput, Select, Switch, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useState, type ReactElement } from "react";
import type { ServiceChoicesQuery } from "../../gql/graphql.ts";
import type { RefusedName } from "../../parts/refused-name.ts";
import { CreateFolderDialog } from "../folders/create-folder-dialog.tsx";
import type { ServiceValues } from "./values.ts";

type ServiceBasicsProps = {
  readonly form: UseFormReturnType<ServiceValues>;
  readonly name: RefusedName["input"];
  readonly choices: ServiceChoicesQuery | undefined;
  readonly onFolderCreated: () => void;
};

export function ServiceBasics({ form, name, choices, onFolderCreated }: ServiceBasicsProps): ReactElement {
  const [creating, setCreating] = useState(false);
  const folders = choices?.folders.edges.map(({ node }) => ({ value: node.id, label: node.name })) ?? [];
  return (
    <>
      <TextInput
        label="Service name"
        description="Lower-case letters, digits and hyphens"
        autoComplete="off"
        spellCheck={false}
        data-autofocus
        {...name}
        onChange={(event) => {
          name.onChange(event);
          form.setFieldValue("isNameTyped", event.currentTarget.value !== "");
        }}
      />
      <div className="line" style={{ alignItems: "flex-start" }}>
        <Select
          label="Model folder"
          placeholder={choices !== undefined && folders.length === 0 ? "There is none yet" : "Choose a folder"}
          data={folders}
          searchable={folders.length > 7}
          style={{ flex: 1 }}
          {...form.getInputProps("folderId")}
        />
        <Button variant="default" style={{ marginTop: 24 }} onClick={() => setCreating(true)}>
          New folder
        </Button>
      </div>
      <Switch label="Open to public" description="Callers need no token" {...form.getInputProps("openToPublic", { type: "checkbox" })} />
      <NumberInput
        label="Desired routing count"
        description="How many copies serve side by side"
        min={0}
        allowDecimal={false}
        styles={{ wrapper: { width: 180 } }}
        {...form.getInputProps("desiredRouteCount")}
      />
      <CreateFolderDialog
        opened={creating}
        usage="MODEL"
        onClose={() => setCreating(false)}
        onCreated={(folder) => {
          onFolderCreated();
          form.setFieldValue("folderId", folder.id);
          form.clearFieldError("folderId");
        }}
      />
    </>
  );
}
