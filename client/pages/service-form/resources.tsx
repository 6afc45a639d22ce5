/** Where it runs and with how much: good defaults, so folded; opened by itself when a field in it is wrong. */
import { NumberInput, Select } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import type { ReactElement } from "react";
import type { ServiceChoicesQuery } from "../../gql/graphql.ts";
import { ServiceAccelerators } from "./accelerators.tsx";
import { Fold } from "./fold.tsx";
import { hostDefaults, type ServiceValues } from "./values.ts";

type ServiceResourcesProps = {
  readonly form: UseFormReturnType<ServiceValues>;
  readonly values: ServiceValues;
  readonly choices: ServiceChoicesQuery | undefined;
};

export function ServiceResources({ form, values, choices }: ServiceResourcesProps): ReactElement {
  const environment = choices?.environments.find((each) => each.id === values.environmentId);
  const unset = (amount: string) => (environment?.kind === "HOST" ? `Default: ${amount}` : "Default of the environment");
  const select = (field: "resourceGroupId" | "environmentId") => ({ ...form.getInputProps(field), value: values[field] });
  return (
    <Fold
      label="Resource group, environment and resources"
      errors={form.errors}
      holds={/^(resourceGroupId|environmentId|cpu|memoryGiB|sharedMemoryGiB|accelerators(\..*)?|terminationGraceSeconds)$/}
    >
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
      <ServiceAccelerators form={form} group={choices?.resourceGroups.find(({ id }) => id === values.resourceGroupId)} />
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
