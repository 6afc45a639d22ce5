/** What services may do in a resource group: run in which environments, and have how much of what. */
import { MultiSelect, NumberInput, SegmentedControl, Switch, TagsInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import type { ReactElement } from "react";
import type { GroupValues } from "./group-form.ts";

type GroupAllowanceFieldsProps = {
  readonly form: UseFormReturnType<GroupValues>;
  readonly environments: readonly { readonly id: string; readonly name: string }[];
  readonly acceleratorNames: readonly string[];
};

const atOnce = { transitionProps: { duration: 0 } };

export function GroupAllowanceFields({ form, environments, acceleratorNames }: GroupAllowanceFieldsProps): ReactElement {
  const { environmentIds, offered } = form.values;
  return (
    <>
      <MultiSelect
        label="Environments"
        description="Which services may run here; none chosen: all"
        placeholder={environmentIds.length === 0 ? "All" : ""}
        data={environments.map(({ id, name }) => ({ value: id, label: name }))}
        searchable
        comboboxProps={atOnce}
        {...form.getInputProps("environmentIds")}
      />
      <fieldset className="form-list">
        <legend>Accelerators</legend>
        <p className="soft">Which of those that its nodes have services may ask for.</p>
        <SegmentedControl
          aria-label="Accelerators"
          data={[
            { value: "ALL", label: "All there are" },
            { value: "SOME", label: "Only some" },
            { value: "NONE", label: "None" },
          ]}
          transitionDuration={0}
          style={{ alignSelf: "flex-start" }}
          {...form.getInputProps("offered")}
        />
        {offered === "SOME" && (
          <TagsInput
            aria-label="Accelerators that are offered"
            description="nvidia/gpu offers every model of NVIDIA’s"
            placeholder={form.values.acceleratorNames.length === 0 ? "nvidia/gpu" : ""}
            data={[...acceleratorNames]}
            splitChars={[","]}
            comboboxProps={atOnce}
            {...form.getInputProps("acceleratorNames")}
          />
        )}
      </fieldset>
      <fieldset className="form-list">
        <legend>Limits</legend>
        <p className="soft">The most that one route may have.</p>
        <div className="pair">
          <NumberInput label="CPU" description="Cores" placeholder="No limit" min={0} step={1} {...form.getInputProps("limits.cpu")} />
          <NumberInput label="RAM" description="GiB" placeholder="No limit" min={0} step={1} {...form.getInputProps("limits.memoryGiB")} />
          <NumberInput
            label="Accelerators"
            description="Of all kinds together"
            placeholder="No limit"
            min={0}
            allowDecimal={false}
            {...form.getInputProps("limits.accelerators")}
          />
        </div>
      </fieldset>
      <Switch
        label="Whole cores"
        description="A session that asks for whole cores gets them for itself"
        {...form.getInputProps("wholeCores", { type: "checkbox" })}
      />
      <Switch
        label="Images by hand"
        description="Services may name an image of their own in place of an environment’s"
        {...form.getInputProps("ownImages", { type: "checkbox" })}
      />
    </>
  );
}
