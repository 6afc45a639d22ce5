/**
 * What would help, as buttons. What changes this service is typed into its form, which says what comes of it before anything is done; what
 * is at the expense of others, or is done to a machine, is asked here.
 */
import { Button } from "@mantine/core";
import { useState, type ReactElement } from "react";
import { useLocation } from "wouter";
import { useChange, useReading } from "../../connection/operations.ts";
import { outcomeOf, unreachable, type Refused } from "../../connection/outcome.ts";
import { MakeNodeEligibleDocument, ModifyServiceDocument, ViewerDocument, type RemedyItemFragment } from "../../gql/graphql.ts";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";
import { keepDraft, readDraft } from "../modify/draft.ts";
import { valuesOf } from "../modify/modification.ts";
import { offerOf, type Offer } from "../service-form/remedies.ts";
import { useServiceList } from "../services/use-service-list.tsx";
import type { ServiceDetail } from "./service-detail.ts";
import { useRemedies } from "./use-remedies.ts";

type Question = {
  readonly label: string;
  readonly about: string;
  readonly run: () => Promise<{ readonly ok: true } | Refused>;
};

export function Remedies({ service }: { readonly service: ServiceDetail }): ReactElement | null {
  const [, navigate] = useLocation();
  const remedies = useRemedies(service);
  const questionOf = useQuestions(service);
  const [asked, setAsked] = useState<Question | null>(null);
  const values = valuesOf(service);
  const type = ({ changes }: Offer) => {
    keepDraft(service.id, values, { ...readDraft(service.id, values), ...changes });
    navigate(`/services/${service.id}/modify`);
  };
  const buttons = remedies.flatMap((remedy) => {
    const offer = offerOf(remedy, values);
    const question = questionOf(remedy);
    if (offer !== null) return [{ label: offer.label, press: () => type(offer) }];
    return question === null ? [] : [{ label: question.label, press: () => setAsked(question) }];
  });
  if (buttons.length === 0 && asked === null) return null;
  return (
    <div className="line" role="group" aria-label="What would help" style={{ flexWrap: "wrap" }}>
      {buttons.map(({ label, press }) => (
        <Button key={label} variant="default" size="compact-md" onClick={press}>
          {label}
        </Button>
      ))}
      {asked !== null && (
        <ConfirmDialog opened title={asked.label} verb={asked.label} onConfirm={asked.run} onClose={() => setAsked(null)}>
          {asked.about}
        </ConfirmDialog>
      )}
    </div>
  );
}

/** Null where it is nothing that may be asked for here. */
function useQuestions(service: ServiceDetail): (remedy: RemedyItemFragment) => Question | null {
  const change = useChange();
  const { data } = useReading(ViewerDocument, {});
  const { services } = useServiceList();
  const scale = (id: string, desiredRouteCount: number) => () =>
    change(ModifyServiceDocument, { input: { id, desiredRouteCount } })
      .then((answer) => outcomeOf(answer.modifyService, "ModifyServiceSuccess"))
      .catch(unreachable);
  return ({ kind, serviceId, nodeId, nodeName }) => {
    const other = services.get(serviceId ?? "");
    if (kind === "STOP_SERVICE" && other !== undefined)
      return {
        label: `Stop ${other.name}`,
        about: `${other.name} goes from ${other.desiredRouteCount} desired routes to 0, and answers nobody until somebody gives it routes again. What it holds goes to who waits, ${service.name} among them.`,
        run: scale(other.id, 0),
      };
    if (kind === "SCALE_DOWN" && other !== undefined)
      return {
        label: `Take a route from ${other.name}`,
        about: `${other.name} goes from ${other.desiredRouteCount} desired routes to ${other.desiredRouteCount - 1}. Its last requests there are finished; what the route holds goes to who waits, ${service.name} among them.`,
        run: scale(other.id, other.desiredRouteCount - 1),
      };
    if (kind === "MAKE_ELIGIBLE" && nodeId !== null && data?.viewer.role === "ADMIN")
      return {
        label: `Make ${nodeName} eligible`,
        about: `${nodeName} takes new work again, of ${service.name} and of everybody else. If it is being drained, that ends.`,
        run: () =>
          change(MakeNodeEligibleDocument, { input: { id: nodeId } })
            .then((answer) => outcomeOf(answer.makeNodeEligible, "MakeNodeEligibleSuccess"))
            .catch(unreachable),
      };
    return null;
  };
}
