/** Routes of several members. Folded, because most models fit into one. */
import { NumberInput, Select } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import type { ReactElement } from "react";
import { clusterModes } from "./cluster-modes.ts";
import { Fold } from "./fold.tsx";
import type { ServiceValues } from "./values.ts";

export function ServiceCluster({ form }: { readonly form: UseFormReturnType<ServiceValues> }): ReactElement {
  const { clusterMode, clusterSize } = form.values;
  const mode = clusterModes.find(({ value }) => value === clusterMode);
  return (
    <Fold label="Cluster mode" isOpen={Number(clusterSize) > 1} errors={form.errors} holds={/^cluster(Mode|Size)$/}>
      <p className="soft">
        A route of several members has one main, which answers the requests, and workers. Each runs the start command and gets the CPU, RAM and
        accelerators of a route for itself; when one ends, all are started anew.
      </p>
      <div className="pair">
        <Select
          label="Cluster mode"
          description={mode?.about}
          data={clusterModes.map(({ value, label }) => ({ value, label }))}
          allowDeselect={false}
          {...form.getInputProps("clusterMode")}
        />
        <NumberInput label="Cluster size" description="Members of each route" min={1} allowDecimal={false} {...form.getInputProps("clusterSize")} />
      </div>
    </Fold>
  );
}
