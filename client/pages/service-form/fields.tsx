/** All fields of a service, for a new one and for one that is modified. */
import "./service-form.css";
import type { UseFormReturnType } from "@mantine/form";
import type { ReactElement } from "react";
import type { ServiceChoicesQuery } from "../../gql/graphql.ts";
import type { RefusedName } from "../../parts/refused-name.ts";
import { ServiceBasics } from "./basics.tsx";
import { ServiceCallers } from "./callers.tsx";
import { DefinitionNotice } from "./definition-notice.tsx";
import { ServiceCluster } from "./cluster.tsx";
import { ServiceResources } from "./resources.tsx";
import { ServiceRollout } from "./rollout.tsx";
import { ServiceSession } from "./session.tsx";
import { ServiceTraffic } from "./traffic.tsx";
import type { ServiceValues } from "./values.ts";

type ServiceFieldsProps = {
  readonly form: UseFormReturnType<ServiceValues>;
  /** What is typed, with what is chosen for whoever chooses nothing. */
  readonly values: ServiceValues;
  readonly name: RefusedName["input"];
  readonly choices: ServiceChoicesQuery | undefined;
  /** The folder whose definition is looked at; null where what will happen is told with what is wrong with it. */
  readonly definitionOf: string | null;
  readonly onFolderCreated: () => void;
};

export function ServiceFields({ form, values, name, choices, definitionOf, onFolderCreated }: ServiceFieldsProps): ReactElement {
  const environment = choices?.environments.find(({ id }) => id === values.environmentId);
  const isOnHost = environment?.kind === "HOST";
  return (
    <>
      <ServiceBasics form={form} name={{ ...name, error: form.getInputProps("name")["error"] }} choices={choices} onFolderCreated={onFolderCreated} />
      <DefinitionNotice folderId={definitionOf} environment={environment} all={choices?.environments ?? []} />
      <ServiceResources form={form} values={values} choices={choices} />
      <ServiceCluster form={form} />
      <ServiceSession form={form} choices={choices} isOnHost={isOnHost} />
      <ServiceRollout form={form} />
      <ServiceCallers form={form} />
      <ServiceTraffic form={form} />
    </>
  );
}
