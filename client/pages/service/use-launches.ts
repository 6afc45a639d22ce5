/** The launches of the live routes, by route: asked for while one is looked at, and again with what happens (a phase ends with an event). */
import { useDebouncedValue } from "@mantine/hooks";
import { useAnswer } from "../../connection/answer.ts";
import { ServiceLaunchesDocument, type LaunchItemFragment } from "../../gql/graphql.ts";

/** Many events come together. */
const gatherMs = 200;

export function useLaunches(serviceId: string, newestEvent: string, isLooking: boolean): ReadonlyMap<string, LaunchItemFragment> {
  const [since] = useDebouncedValue(newestEvent, gatherMs);
  const { data } = useAnswer(ServiceLaunchesDocument, { id: serviceId }, since, { pause: !isLooking });
  return new Map(data?.service?.routes.flatMap(({ id, launch }) => (launch === null ? [] : [[id, launch] as const])) ?? []);
}
