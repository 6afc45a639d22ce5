/** A traffic policy as the form has it, and what it says in words. Pure. */
import type { TrafficAffinityKind } from "../../gql/graphql.ts";
import { inOneUnit } from "../../parts/duration.ts";
import { addressesOf, isSet, usualTraffic, type TrafficValues } from "./values.ts";

type Policy = {
  readonly affinity: { readonly by: TrafficAffinityKind; readonly header: string | null } | null;
  readonly firstByteTimeoutSeconds: number;
  readonly idleTimeoutSeconds: number | null;
  readonly allowedAddresses: readonly string[];
  readonly passAuthorization: boolean;
};

export const valuesOfTraffic = ({
  affinity,
  firstByteTimeoutSeconds,
  idleTimeoutSeconds,
  allowedAddresses,
  passAuthorization,
}: Policy): TrafficValues => ({
  affinity: affinity?.by ?? "NONE",
  header: affinity?.header ?? "",
  firstByteTimeoutSeconds,
  idleTimeoutSeconds: idleTimeoutSeconds ?? "",
  addresses: allowedAddresses.join("\n"),
  passAuthorization,
});

const together: Readonly<Record<TrafficValues["affinity"], (header: string) => string[]>> = {
  NONE: () => [],
  HEADER: (header) => [`kept together by ${header}`],
  COOKIE: () => ["kept together by a cookie"],
};

const exactly = (seconds: number): string =>
  seconds % 3600 === 0 ? inOneUnit(seconds) : seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;

/** Null where nothing of it differs from what a new service has. */
export function trafficInWords(values: TrafficValues): string | null {
  const { affinity, header, firstByteTimeoutSeconds, idleTimeoutSeconds, addresses, passAuthorization } = values;
  const allowed = addressesOf(addresses);
  const parts = [
    ...together[affinity](header),
    ...(isSet(firstByteTimeoutSeconds) && firstByteTimeoutSeconds !== usualTraffic.firstByteTimeoutSeconds
      ? [`first byte within ${exactly(firstByteTimeoutSeconds)}`]
      : []),
    ...(isSet(idleTimeoutSeconds) ? [`pauses up to ${exactly(idleTimeoutSeconds)}`] : []),
    ...(allowed.length > 0 ? [`only from ${allowed.slice(0, 3).join(", ")}${allowed.length > 3 ? ` and ${allowed.length - 3} more` : ""}`] : []),
    ...(passAuthorization ? ["the token is passed on"] : []),
  ];
  const [first = "", ...rest] = parts;
  return first === "" ? null : [first.charAt(0).toUpperCase() + first.slice(1), ...rest].join("; ");
}
