/** What sessions see besides the model: other folders, and variables. Folded, because most services need neither. */
import { Checkbox, Collapse, Select, Switch, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { IconChevronRight } from "@tabler/icons-react";
import { useId, useState, type ClipboardEvent, type ReactElement } from "react";
import type { StartChoicesQuery } from "../../gql/graphql.ts";
import { hostSharesFiles } from "../../parts/host-environment.ts";
import { parseEnv } from "./parse-env.ts";
import type { StartValues } from "./start-form.ts";
import { StartItem, StartList } from "./start-list.tsx";

type StartSessionProps = {
  readonly form: UseFormReturnType<StartValues>;
  readonly choices: StartChoicesQuery | undefined;
  /** Where nothing that is called read-only is so. */
  readonly isOnHost: boolean;
};

export function StartSession({ form, choices, isOnHost }: StartSessionProps): ReactElement {
  const { mounts, variables, modelReadOnly } = form.values;
  const [wanted, setWanted] = useState(mounts.length > 0 || variables.length > 0 || modelReadOnly);
  const id = useId();
  const opened = wanted || Object.keys(form.errors).some((field) => /^(mounts|variables|modelReadOnly)/.test(field));
  const general = choices?.general.edges.map(({ node }) => node) ?? [];
  const nameOf = (folderId: string | null) => general.find((folder) => folder.id === folderId)?.name;

  /** A whole .env text takes the place of the row it was pasted into. */
  const paste = (index: number) => (event: ClipboardEvent<HTMLInputElement>) => {
    const pasted = parseEnv(event.clipboardData.getData("text"));
    if (pasted.length === 0) return;
    event.preventDefault();
    const names = new Set(pasted.map(({ name }) => name));
    const others = variables.filter((each, place) => place !== index && !names.has(each.name));
    form.setFieldValue("variables", [...others, ...pasted]);
  };

  return (
    <>
      <button type="button" className="fold" aria-expanded={opened} aria-controls={id} onClick={() => setWanted(!opened)}>
        <IconChevronRight size={16} aria-hidden />
        Mounts and variables
      </button>
      <Collapse id={id} expanded={opened} transitionDuration={0}>
        <div className="stack">
          {isOnHost && <p className="soft">{hostSharesFiles}</p>}
          <Switch
            label="Model folder is read-only"
            description={
              isOnHost ? "Kept in container environments only" : "Sessions cannot write into it; start actions cannot download into it either"
            }
            {...form.getInputProps("modelReadOnly", { type: "checkbox" })}
          />
          <StartList
            title="Extra mounts"
            about="General folders that sessions see besides the model’s."
            error={form.errors["mounts"]}
            addLabel="Add a mount"
            onAdd={() => form.insertListItem("mounts", { folderId: null, path: "", writable: false })}
          >
            {mounts.map(({ folderId }, index) => (
              <StartItem key={index} name={`mount ${nameOf(folderId) ?? index + 1}`} onRemove={() => form.removeListItem("mounts", index)}>
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
              </StartItem>
            ))}
          </StartList>
          <StartList
            title="Environment variables"
            about="Paste the text of a .env file into a name to add all of it. Secret values are never shown again."
            error={form.errors["variables"]}
            addLabel="Add a variable"
            onAdd={() => form.insertListItem("variables", { name: "", value: "", secret: false })}
          >
            {variables.map(({ name, secret }, index) => (
              <StartItem key={index} name={`variable ${name === "" ? index + 1 : name}`} onRemove={() => form.removeListItem("variables", index)}>
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
                  placeholder="Value"
                  type={secret ? "password" : "text"}
                  autoComplete={secret ? "new-password" : "off"}
                  spellCheck={false}
                  styles={mono}
                  {...form.getInputProps(`variables.${index}.value`)}
                />
                <Checkbox label="Secret" mt={8} {...form.getInputProps(`variables.${index}.secret`, { type: "checkbox" })} />
              </StartItem>
            ))}
          </StartList>
        </div>
      </Collapse>
    </>
  );
}

const mono = { input: { fontFamily: "var(--mono)", fontSize: "0.8125rem" } };
