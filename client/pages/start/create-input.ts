/** What is asked of the server for a new service: nothing for what is left at its default. */
import type { CreateServiceInput } from "../../gql/graphql.ts";
import { acceleratorInput, mountInput, rolloutInput, trafficInput, variableInput } from "../service-form/input.ts";
import { trafficInWords } from "../service-form/traffic-words.ts";
import { isSet, rolling, type ServiceValues } from "../service-form/values.ts";

export function toInput(values: ServiceValues): CreateServiceInput {
  const resources = {
    ...(isSet(values.cpu) && { cpu: values.cpu }),
    ...(isSet(values.memoryGiB) && { memoryGiB: values.memoryGiB }),
    ...(isSet(values.sharedMemoryGiB) && { sharedMemoryGiB: values.sharedMemoryGiB }),
    ...(values.accelerators.length > 0 && { accelerators: values.accelerators.map(acceleratorInput) }),
  };
  return {
    name: values.name,
    folderId: values.folderId ?? "",
    openToPublic: values.openToPublic,
    ...(values.aliases.length > 0 && { aliases: values.aliases }),
    ...(values.allowedOrigins.length > 0 && { allowedOrigins: values.allowedOrigins }),
    desiredRouteCount: Number(values.desiredRouteCount),
    ...(values.resourceGroupId !== null && { resourceGroupId: values.resourceGroupId }),
    ...(values.environmentId !== null && { environmentId: values.environmentId }),
    ...(values.image !== "" && { image: values.image }),
    ...(Object.keys(resources).length > 0 && { resources }),
    ...(Number(values.clusterSize) > 1 && { clusterMode: values.clusterMode, clusterSize: Number(values.clusterSize) }),
    ...(isSet(values.terminationGraceSeconds) && { terminationGraceSeconds: values.terminationGraceSeconds }),
    ...(values.modelReadOnly && { modelReadOnly: true }),
    ...(values.mounts.length > 0 && { mounts: values.mounts.map(mountInput) }),
    ...(values.variables.length > 0 && { variables: values.variables.map(variableInput) }),
    ...(!isRolling(values.rollout) && { rollout: rolloutInput(values.rollout) }),
    ...(trafficInWords(values.traffic) !== null && { trafficPolicy: trafficInput(values.traffic) }),
  };
}

const isRolling = (rollout: ServiceValues["rollout"]): boolean => JSON.stringify(rollout) === JSON.stringify(rolling);
