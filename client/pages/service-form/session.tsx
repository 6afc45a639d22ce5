/** What sessions see besides the model: other folders, and variables. Folded, because most services need neither. */
import { Checkbox, Select, Switch, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import type { ClipboardEvent, ReactElement } from "react";
import type { ServiceChoicesQuery } from "../../gql/graphql.ts";
import { hostSharesFiles } from "../../parts/host-environment.ts";
import { parseEnv } from "./parse-env.ts";
import type { ServiceValues } from "./values.ts";
import { Fold } from "./fold.tsx";
import { FormItem, FormList } from "./list.tsx";

type ServiceSessionProps = {
  readonly form: UseFormReturnType<ServiceValues>;
  readonly choices: ServiceChoicesQuery | undefined;
  /** Where nothing that is called read-only is so. */
  readonly isOnHost: boolean;
};

export function ServiceSession({ form, choices, isOnHost }: ServiceSessionProps): ReactElement {
  const { mounts, variables, modelReadOnly } = form.values;
  const general = choices?.general.edges.map(({ node }) => node) ?? [];
  const nameOf = (folderId: string | null) => general.find((folder) => folder.id === folderId)?.name;

  /** A whole .env text takes the place of the row it was pasted into. */
  const paste = (index: number) => (event: ClipboardEvent<HTMLInputElement>) => {
    const pasted = parseEnv(event.clipboardData.getData("text"));
    if (pasted.length === 0) return;
    event.preventDefault();
    const names = new Set(pasted.map(({ name }) => name));
    const others = variables.filter((each, place) => place !== index && !names.has(each.name));
    form.setFieldValue("variables", [...others, ...pasted.map((each) => ({ ...each, isKept: false }))]);
  };

  return (
    <Fold
      label="Mounts and variables"
      isOpen={mounts.length > 0 || variables.length > 0 || modelReadOnly}
      errors={form.errors}
      holds={/^(mounts|variables|modelReadOnly)/}
    >
      {isOnHost && <p className="soft">{hostSharesFiles}</p>}
      <Switch
        label="Model folder is read-only"
        description={isOnHost ? "Kept in container environments only" : "Sessions cannot write into it; start actions cannot download into it either"}
        {...form.getInputProps("modelReadOnly", { type: "checkbox" })}
      />
      <FormList
        title="Extra mounts"
        about="General folders that sessions see besides the model’s."
        error={form.errors["mounts"]}
        addLabel="Add a mount"
        onAdd={() => form.insertListItem("mounts", { folderId: null, path: "", writable: false })}
      >
        {mounts.map(({ folderId }, index) => (
          <FormItem key={index} name={`mount ${nameOf(folderId) ?? index + 1}`} onRemove={() => form.removeListItem("mounts", index)}>
            {/* It brings a hidden field along, which is no cell of the row. */}
            <div>
              <Select
                aria-label={`Folder of mount ${index + 1}`}
                placeholder={choices !== undefined && general.length === 0 ? "There is no general folder" : "Folder"}
                data={general.map((folder) => ({ value: folder.id, label: folder.name }))}
                searchable={general.length > 7}
                {...form.getInputProps(`mounts.${index}.folderId`)}
              />
            </div>
            <TextInput
              aria-label={`Path of mount ${index + 1}`}
              placeholder={`/home/work/${nameOf(folderId) ?? "<folder>"}`}
              autoComplete="off"
              spellCheck={false}
              styles={mono}
              {...form.getInputProps(`mounts.${index}.path`)}
            />
            <Checkbox label="Writable" mt={8} {...form.getInputProps(`mounts.${index}.writable`, { type: "checkbox" })} />
          </FormItem>
        ))}
      </FormList>
      <FormList
        title="Environment variables"
        about="Paste the text of a .env file into a name to add all of it. Secret values are never shown again."
        error={form.errors["variables"]}
        addLabel="Add a variable"
        onAdd={() => form.insertListItem("variables", { name: "", value: "", secret: false, isKept: false })}
      >
        {variables.map(({ name, secret, isKept }, index) => (
          <FormItem key={index} name={`variable ${name === "" ? index + 1 : name}`} onRemove={() => form.removeListItem("variables", index)}>
            <TextInput
              aria-label={`Name of variable ${index + 1}`}
              placeholder="NAME"
              autoComplete="off"
              spellCheck={false}
              styles={mono}
              onPaste={paste(index)}
              {...form.getInputProps(`variables.${index}.name`)}
            />
            <TextInput
              aria-label={`Value of variable ${index + 1}`}
              placeholder={secret && isKept ? "Stays as it is" : "Value"}
              type={secret ? "password" : "text"}
              autoComplete={secret ? "new-password" : "off"}
              spellCheck={false}
              styles={mono}
              {...form.getInputProps(`variables.${index}.value`)}
            />
            <Checkbox label="Secret" mt={8} {...form.getInputProps(`variables.${index}.secret`, { type: "checkbox" })} />
          </FormItem>
        ))}
      </FormList>
    </Fold>
  );
}

const mono = { input: { fontFamily: "var(--mono)", fontSize: "0.8125rem" } };
