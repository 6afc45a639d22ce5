/** GPUs and NPUs that each route gets: what the resource group's machines have is offered, and a shorter name for any of a kind can be typed. */
import { Autocomplete, NumberInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import type { ReactElement } from "react";
import type { EnvironmentChoiceFragment, ServiceChoicesQuery } from "../../gql/graphql.ts";
import { acceleratorsInWords } from "../../parts/resources-in-words.ts";
import { FormItem, FormList } from "./list.tsx";
import { freeInWords, offeredIn, type Offered } from "./offered.ts";
import type { ServiceValues } from "./values.ts";

type ServiceAcceleratorsProps = {
  readonly form: UseFormReturnType<ServiceValues>;
  readonly group: ServiceChoicesQuery["resourceGroups"][number] | undefined;
  readonly environment: EnvironmentChoiceFragment | undefined;
};

export function ServiceAccelerators({ form, group, environment }: ServiceAcceleratorsProps): ReactElement {
  const { accelerators } = form.values;
  const offered = offeredIn(group);
  const unasked = offered?.find(({ name }) => accelerators.every((each) => each.name !== name));
  return (
    <FormList
      title="AI accelerators"
      about={`GPUs or NPUs for each route. ${whatThereIs(group?.name, offered)}${accelerators.length === 0 ? unlessSaid(environment) : ""}`}
      error={form.errors["accelerators"]}
      addLabel="Add an accelerator"
      onAdd={() => form.insertListItem("accelerators", { name: unasked?.name ?? "", count: 1 })}
    >
      {accelerators.map(({ name }, index) => (
        <FormItem key={index} name={`accelerator ${name === "" ? index + 1 : name}`} onRemove={() => form.removeListItem("accelerators", index)}>
          <Autocomplete
            aria-label={`Name of accelerator ${index + 1}`}
            placeholder="nvidia/gpu"
            data={offered?.map((one) => one.name) ?? []}
            // All that there are, also where one of them stands there already.
            filter={({ options }) => options}
            renderOption={({ option }) => <Choice name={option.value} of={offered?.find((one) => one.name === option.value)} />}
            comboboxProps={{ transitionProps: { duration: 0 } }}
            spellCheck={false}
            styles={mono}
            {...form.getInputProps(`accelerators.${index}.name`)}
          />
          <NumberInput
            aria-label={`Count of accelerator ${index + 1}`}
            min={1}
            allowDecimal={false}
            {...form.getInputProps(`accelerators.${index}.count`)}
          />
        </FormItem>
      ))}
    </FormList>
  );
}

const Choice = ({ name, of }: { readonly name: string; readonly of: Offered | undefined }): ReactElement => (
  <span className="line apart" style={{ flex: 1 }}>
    <code>{name}</code>
    {of !== undefined && <span className="soft numeric unbroken">{freeInWords(of)}</span>}
  </span>
);

function unlessSaid(environment: EnvironmentChoiceFragment | undefined): string {
  const usual = acceleratorsInWords(environment?.usualResources.accelerators ?? []);
  return usual.length === 0 ? "" : ` Unless you add some, a route gets ${usual.join(" and ")}, as is usual in ${environment?.name}.`;
}

function whatThereIs(group: string | undefined, offered: readonly Offered[] | null): string {
  if (group === undefined || offered === null) return "What there is, is not known now.";
  if (offered.length === 0) return `${group} offers none.`;
  return `In ${group}: ${offered.map((one) => `${one.name}, ${freeInWords(one)}`).join("; ")}.`;
}

const mono = { input: { fontFamily: "var(--mono)", fontSize: "0.8125rem" } };
