/** The traffic of a service over the last minutes, hours or days: read again every few seconds, so that its end moves. */
import { useCallback } from "react";
import { useFresh, type Fresh } from "../../../connection/fresh.ts";
import { useQuestion } from "../../../connection/operations.ts";
import { ServiceTrafficDocument, type ServiceTrafficQuery } from "../../../gql/graphql.ts";
import { ranges, type TrafficView } from "./view.ts";

type Read = NonNullable<ServiceTrafficQuery["service"]>["traffic"];
export type Series = Read["series"][number];
export type Traffic = Read & {
  /** Seconds of the epoch. */
  readonly from: number;
  readonly to: number;
};

/** Gateways tell every 5 s; of longer times no end is seen to move. */
const everyMs = 5000;
const seldomMs = 60_000;
const oftenSecondsMax = 3600;

export function useTraffic(serviceId: string, { range, by }: TrafficView): Fresh<Traffic | null> {
  const ask = useQuestion();
  const { seconds } = ranges[range];
  const read = useCallback(async (): Promise<Traffic | null> => {
    const to = Math.floor(Date.now() / 1000);
    const from = to - seconds;
    const { service } = await ask(ServiceTrafficDocument, { id: serviceId, from: new Date(from * 1000).toISOString(), by });
    return service === null ? null : { ...service.traffic, from, to };
  }, [ask, serviceId, seconds, by]);
  return useFresh(`traffic ${serviceId} ${range} ${by}`, read, seconds > oftenSecondsMax ? seldomMs : everyMs);
}
