/** So much CPU, memory and accelerators: what a route needs at least, or what it usually gets. */
import { Autocomplete, NumberInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import type { ReactElement } from "react";
import { FormItem, FormList } from "../service-form/list.tsx";
import type { EnvironmentValues } from "./environment-form.ts";

type AmountFieldsProps = {
  readonly form: UseFormReturnType<EnvironmentValues>;
  readonly of: "needs" | "usual";
  readonly title: string;
  readonly about: string;
  /** Of what the machines have. */
  readonly acceleratorNames: readonly string[];
  /** Where nothing is typed. */
  readonly unset: { readonly cpu: string; readonly memoryGiB: string };
};

export function AmountFields({ form, of, title, about, acceleratorNames, unset }: AmountFieldsProps): ReactElement {
  const input = (part: string) => form.getInputProps(`${of}.${part}`);
  return (
    <FormList
      title={title}
      about={about}
      error={form.errors[`${of}.accelerators`]}
      addLabel="Add an accelerator"
      onAdd={() => form.insertListItem(`${of}.accelerators`, { name: "nvidia/gpu", count: 1 })}
    >
      <div className="pair">
        <NumberInput label="CPU" aria-label={`CPU, ${title}`} placeholder={unset.cpu} min={0} step={0.5} {...input("cpu")} />
        <NumberInput label="RAM (GiB)" aria-label={`RAM, ${title}`} placeholder={unset.memoryGiB} min={0} step={0.5} {...input("memoryGiB")} />
        <NumberInput
          label="Shared memory (GiB)"
          aria-label={`Shared memory, ${title}`}
          placeholder="None"
          min={0}
          step={0.25}
          {...input("sharedMemoryGiB")}
        />
      </div>
      {form.values[of].accelerators.map(({ name }, index) => (
        <FormItem
          key={index}
          name={`accelerator ${name === "" ? index + 1 : name}, ${title}`}
          onRemove={() => form.removeListItem(`${of}.accelerators`, index)}
        >
          <Autocomplete
            aria-label={`Name of accelerator ${index + 1}, ${title}`}
            placeholder="nvidia/gpu"
            data={[...acceleratorNames]}
            // All that there are, also where one of them stands there already.
            filter={({ options }) => options}
            comboboxProps={{ transitionProps: { duration: 0 } }}
            spellCheck={false}
            styles={{ input: { fontFamily: "var(--mono)", fontSize: "0.8125rem" } }}
            {...input(`accelerators.${index}.name`)}
          />
          <NumberInput
            aria-label={`Count of accelerator ${index + 1}, ${title}`}
            min={1}
            allowDecimal={false}
            {...input(`accelerators.${index}.count`)}
          />
        </FormItem>
      ))}
    </FormList>
  );
}
