/** How it goes from one revision to the next: a preset, and its numbers. */
import { NumberInput, SegmentedControl, Switch, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import type { ReactElement } from "react";
import { Fold } from "./fold.tsx";
import { FormItem, FormList } from "./list.tsx";
import { presetOf, presets, type Preset } from "./rollout-preset.ts";
import type { ServiceValues } from "./values.ts";

const choices = Object.entries(presets).map(([value, { label }]) => ({ value, label }));

export function ServiceRollout({ form }: { readonly form: UseFormReturnType<ServiceValues> }): ReactElement {
  const { steps } = form.values.rollout;
  const preset = presetOf(form.values.rollout);
  const choose = (chosen: string) => {
    form.setFieldValue("rollout", structuredClone(presets[chosen as Preset].values));
    for (const field of Object.keys(form.errors)) if (field.startsWith("rollout")) form.clearFieldError(field);
  };
  return (
    <Fold label="Rollout" errors={form.errors} holds={/^rollout/}>
      <SegmentedControl aria-label="How a new revision is rolled out" data={choices} value={preset} onChange={choose} transitionDuration={0} />
      <p className="soft">{presets[preset].about}</p>
      <div className="pair">
        <TextInput
          label="Extra routes"
          description="Besides the desired ones: 1, or 25%"
          autoComplete="off"
          {...form.getInputProps("rollout.maxSurge")}
        />
        <TextInput
          label="Missing routes"
          description="Of the desired ones, on the way"
          autoComplete="off"
          {...form.getInputProps("rollout.maxUnavailable")}
        />
      </div>
      <FormList
        title="Steps"
        about="The new revision’s shares of the requests, each for a while, before it gets all of them."
        error={form.errors["rollout.steps"]}
        addLabel="Add a step"
        onAdd={() => form.insertListItem("rollout.steps", { weight: 10, holdSeconds: 300 })}
      >
        {steps.map((_step, index) => (
          <FormItem key={index} name={`step ${index + 1}`} onRemove={() => form.removeListItem("rollout.steps", index)}>
            <NumberInput
              aria-label={`Share of step ${index + 1}`}
              min={0}
              max={100}
              suffix="%"
              allowDecimal={false}
              {...form.getInputProps(`rollout.steps.${index}.weight`)}
            />
            <NumberInput
              aria-label={`Seconds of step ${index + 1}`}
              min={0}
              step={60}
              suffix=" s"
              allowDecimal={false}
              {...form.getInputProps(`rollout.steps.${index}.holdSeconds`)}
            />
          </FormItem>
        ))}
      </FormList>
      <Switch
        label="Promoted by hand"
        description={steps.length === 0 ? "The new revision gets no requests until then" : "The last step lasts until then"}
        {...form.getInputProps("rollout.isByHand", { type: "checkbox" })}
      />
    </Fold>
  );
}
