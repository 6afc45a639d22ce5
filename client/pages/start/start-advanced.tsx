/** Where it runs and with how much: good defaults, so folded; opened by itself when a field in it is wrong. */
import { Collapse, NumberInput, Select } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { IconChevronRight } from "@tabler/icons-react";
import { useId, useState, type ReactElement } from "react";
import type { StartChoicesQuery } from "../../gql/graphql.ts";
import { hostDefaults, type StartValues } from "./start-form.ts";

type StartAdvancedProps = {
  readonly form: UseFormReturnType<StartValues>;
  readonly values: StartValues;
  readonly choices: StartChoicesQuery | undefined;
};

const folded = ["resourceGroupId", "environmentId", "cpu", "memoryGiB", "sharedMemoryGiB", "terminationGraceSeconds"];

export function StartAdvanced({ form, values, choices }: StartAdvancedProps): ReactElement {
  const [wanted, setWanted] = useState(false);
  const id = useId();
  const opened = wanted || folded.some((field) => form.errors[field] !== undefined);
  const environment = choices?.environments.find((each) => each.id === values.environmentId);
  const unset = (amount: string) => (environment?.kind === "HOST" ? `Default: ${amount}` : "Default of the environment");
  const select = (field: "resourceGroupId" | "environmentId") => ({ ...form.getInputProps(field), value: values[field] });
  return (
    <>
      <button type="button" className="fold" aria-expanded={opened} aria-controls={id} onClick={() => setWanted(!opened)}>
        <IconChevronRight size={16} aria-hidden />
        Resource group, environment and resources
      </button>
      <Collapse id={id} expanded={opened} transitionDuration={0}>
        <div className="stack">
          <div className="pair">
            <Select
              label="Resource group"
              data={choices?.resourceGroups.map((group) => ({ value: group.id, label: group.name })) ?? []}
              {...select("resourceGroupId")}
            />
            <Select
              label="Environment"
              data={choices?.environments.map((each) => ({ value: each.id, label: each.name })) ?? []}
              {...select("environmentId")}
            />
          </div>
          <div className="pair">
            <NumberInput
              label="CPU"
              description="Cores a route"
              placeholder={unset(`${hostDefaults.cpu}`)}
              min={0}
              step={0.5}
              {...form.getInputProps("cpu")}
            />
            <NumberInput
              label="RAM"
              description="GiB a route"
              placeholder={unset(`${hostDefaults.memoryGiB}`)}
              min={0}
              step={0.5}
              {...form.getInputProps("memoryGiB")}
            />
            <NumberInput
              label="Shared memory"
              description="GiB of that RAM"
              placeholder="Default: none"
              min={0}
              step={0.25}
              {...form.getInputProps("sharedMemoryGiB")}
            />
          </div>
          <NumberInput
            label="Termination grace"
            description="Seconds that a route has to finish its requests when it ends"
            placeholder="Default"
            min={0}
            allowDecimal={false}
            {...form.getInputProps("terminationGraceSeconds")}
          />
        </div>
      </Collapse>
    </>
  );
}
