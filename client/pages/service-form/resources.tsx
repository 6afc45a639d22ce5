/** Where it runs and with how much: good defaults, so folded; opened by itself when a field in it is wrong. */
import { NumberInput, Select } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import type { ReactElement } from "react";
import type { ServiceChoicesQuery } from "../../gql/graphql.ts";
import { ServiceAccelerators } from "./accelerators.tsx";
import { EnvironmentChoice } from "./environment-choice.tsx";
import { Fold } from "./fold.tsx";
import type { ServiceValues } from "./values.ts";

type ServiceResourcesProps = {
  readonly form: UseFormReturnType<ServiceValues>;
  readonly values: ServiceValues;
  readonly choices: ServiceChoicesQuery | undefined;
};

export function ServiceResources({ form, values, choices }: ServiceResourcesProps): ReactElement {
  const environment = choices?.environments.find((each) => each.id === values.environmentId);
  const group = choices?.resourceGroups.find(({ id }) => id === values.resourceGroupId);
  const usual = environment?.usualResources;
  const unset = (amount: number | undefined) => (amount === undefined ? "Default" : `Default: ${amount === 0 ? "none" : amount}`);
  return (
    <Fold
      label="Resource group, environment and resources"
      errors={form.errors}
      holds={/^(resourceGroupId|environmentId|image|cpu|memoryGiB|sharedMemoryGiB|accelerators(\..*)?|terminationGraceSeconds)$/}
    >
      <Select
        label="Resource group"
        data={choices?.resourceGroups.map(({ id, name }) => ({ value: id, label: name })) ?? []}
        {...form.getInputProps("resourceGroupId")}
        value={values.resourceGroupId}
      />
      <EnvironmentChoice form={form} choices={choices} environment={environment} group={group} />
      <div className="pair">
        <NumberInput label="CPU" description="Cores a route" placeholder={unset(usual?.cpu)} min={0} step={0.5} {...form.getInputProps("cpu")} />
        <NumberInput
          label="RAM"
          description="GiB a route"
          placeholder={unset(usual?.memoryGiB)}
          min={0}
          step={0.5}
          {...form.getInputProps("memoryGiB")}
        />
        <NumberInput
          label="Shared memory"
          description="GiB of that RAM"
          placeholder={unset(usual?.sharedMemoryGiB)}
          min={0}
          step={0.25}
          {...form.getInputProps("sharedMemoryGiB")}
        />
      </div>
      <ServiceAccelerators form={form} group={group} environment={environment} />
      <NumberInput
        label="Termination grace"
        description="Seconds that a route has to finish its requests when it ends"
        placeholder="Default"
        min={0}
        allowDecimal={false}
        {...form.getInputProps("terminationGraceSeconds")}
      />
    </Fold>
  );
}
