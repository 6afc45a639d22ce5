/** What would help a service that does not serve as it should, or not where it should, asked anew whenever it says another reason. */
import { useAnswer } from "../../connection/answer.ts";
import { ServiceWhyDocument, type RemedyItemFragment } from "../../gql/graphql.ts";
import type { ServiceDetail } from "./service-detail.ts";

/** What helped before may help no more: only the newest answer is offered. */
export function useRemedies({ id, status, statusReason }: ServiceDetail): readonly RemedyItemFragment[] {
  const isOver = status === "STOPPED" || status === "TERMINATING" || status === "TERMINATED";
  const { data, isNewest } = useAnswer(ServiceWhyDocument, { id }, `${status} ${statusReason}`, { pause: isOver });
  return isOver || !isNewest ? [] : (data?.service?.why?.remedies ?? []);
}
