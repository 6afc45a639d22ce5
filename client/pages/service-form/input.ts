/** What is asked of the server, part by part: the inputs of a new service and of a changed one have the same parts. */
import type { AcceleratorInput, MountInput, RolloutPolicyInput, TrafficPolicyInput, VariableInput } from "../../gql/graphql.ts";
import {
  addressesOf,
  isSet,
  type AcceleratorValues,
  type RolloutValues,
  type ServiceMount,
  type ServiceVariable,
  type TrafficValues,
} from "./values.ts";

export const acceleratorInput = ({ name, count, asked }: AcceleratorValues): AcceleratorInput => ({ name, count: Number(count), ...asked });

export const mountInput = ({ folderId, path, writable }: ServiceMount): MountInput => ({
  folderId: folderId ?? "",
  path: path === "" ? null : path,
  readOnly: !writable,
});

export const variableInput = ({ name, value, secret, isKept }: ServiceVariable): VariableInput =>
  isKept && secret && value === "" ? { name, secret } : { name, value, secret };

export const rolloutInput = ({ maxSurge, maxUnavailable, steps, isByHand }: RolloutValues): RolloutPolicyInput => ({
  maxSurge: shareOf(maxSurge),
  maxUnavailable: shareOf(maxUnavailable),
  steps: steps.map(({ weight, holdSeconds }) => ({ weight: Number(weight), holdSeconds: Number(holdSeconds) })),
  promote: isByHand ? "MANUAL" : "AUTO",
});

const affinityInput = ({ affinity, header }: TrafficValues): TrafficPolicyInput["affinity"] =>
  affinity === "NONE" ? null : affinity === "HEADER" ? { by: affinity, header } : { by: affinity };

const orDefault = (value: number | string): number | null => (isSet(value) ? value : null);

export const trafficInput = (values: TrafficValues): TrafficPolicyInput => ({
  affinity: affinityInput(values),
  firstByteTimeoutSeconds: orDefault(values.firstByteTimeoutSeconds),
  idleTimeoutSeconds: orDefault(values.idleTimeoutSeconds),
  allowedAddresses: addressesOf(values.addresses),
  passAuthorization: values.passAuthorization,
});

const shareOf = (text: string): number | string => (text.endsWith("%") ? text : Number(text));
