/**
 * One service: is it serving; if not, why, and what now. Everything here is the newest message of the `service`
 * subscription, which always carries the whole object; what a mutation answers is not needed for the screen.
 */
import "./service.css";
import { useDocumentTitle } from "@mantine/hooks";
import { useState, type ReactElement } from "react";
import { Link, useLocation } from "wouter";
import { explain, useWatching } from "../../connection/operations.ts";
import { ServiceDetailDocument } from "../../gql/graphql.ts";
import { Blank } from "../../parts/blank.tsx";
import { NotLive } from "../../parts/not-live.tsx";
import { Status, wordOf } from "../../parts/status.tsx";
import { Waiting } from "../../parts/waiting.tsx";
import { ModifyDialog } from "../modify/modify-dialog.tsx";
import { ChatDialog } from "../try/chat-dialog.tsx";
import { TryDialog } from "../try/try-dialog.tsx";
import { useModels } from "../try/use-models.ts";
import { EndpointPanel } from "./endpoint-panel.tsx";
import { ErrorsDialog } from "./errors-dialog.tsx";
import { EventsPanel } from "./events-panel.tsx";
import { FactsPanel } from "./facts-panel.tsx";
import { Headline } from "./headline.tsx";
import { RevisionsPanel } from "./revisions-panel.tsx";
import { RolloutPanel } from "./rollout-panel.tsx";
import { RoutesPanel } from "./routes-panel.tsx";
import type { ServiceDetail } from "./service-detail.ts";
import { ServiceActions } from "./service-actions.tsx";
import { failedActionOf } from "./start-action.tsx";
import { TokensPanel } from "./tokens-panel.tsx";
import { TrafficPanel } from "./traffic/traffic-panel.tsx";
import { useEvents } from "./use-events.ts";

/** What is open over the page: a part of its address, so that it can be linked to, and left by going back. */
type Part = "modify" | "try" | "chat";

/** @param part as the address has it. */
export function ServicePage({ id, part }: { readonly id: string; readonly part: string | undefined }): ReactElement {
  /** Undefined: not known yet; null: there is none. */
  const [service, setService] = useState<ServiceDetail | null>();
  const error = useWatching(ServiceDetailDocument, { id }, (data) => setService((before) => data.service ?? before ?? null));
  useDocumentTitle(service ? `${service.name} · ${wordOf(service.status)} · Serai` : "Service · Serai");

  const problem = error === undefined ? null : explain(error);
  if (service === undefined) return problem === null ? <Waiting rows={6} /> : <NotLive problem={problem} />;
  if (service === null) {
    return (
      <div className="panel">
        <Blank title="There is no such service" text="It may have been terminated, or the address was mistyped.">
          <Link href="/services">All services</Link>
        </Blank>
      </div>
    );
  }
  return <Detail service={service} problem={problem} part={part} />;
}

type DetailProps = { readonly service: ServiceDetail; readonly problem: string | null; readonly part: string | undefined };

function Detail({ service, problem, part }: DetailProps): ReactElement {
  const [, navigate] = useLocation();
  const go = (to: Part | null) => navigate(`/services/${service.id}${to === null ? "" : `/${to}`}`);
  const [wantsModels, setWantsModels] = useState(false);
  // A public one is asked unasked: that costs no token.
  const models = useModels(service, service.openToPublic || wantsModels || part === "chat");
  const [showingErrors, setShowingErrors] = useState(false);
  const history = useEvents(service.id);
  const ending = service.status === "TERMINATING" || service.status === "TERMINATED";
  return (
    <div className="stack">
      <div className="line apart" style={{ flexWrap: "wrap", "--gap": "12px" }}>
        <div className="line" style={{ "--gap": "16px", flexWrap: "wrap" }}>
          <h1 style={{ overflowWrap: "anywhere" }}>{service.name}</h1>
          <Status status={service.status} size="large" />
        </div>
        {ending ? null : <ServiceActions service={service} onModify={() => go("modify")} />}
      </div>
      <NotLive problem={problem} />
      <Headline service={service} failedAction={failedActionOf(history.events, service.failure)} />
      {ending ? null : <RolloutPanel service={service} />}
      <div className="service">
        <div className="stack">
          {ending ? null : (
            <EndpointPanel
              service={service}
              models={models}
              onAskModels={() => setWantsModels(true)}
              onTry={() => go("try")}
              onChat={() => go("chat")}
            />
          )}
          <RoutesPanel service={service} newestEvent={history.events?.[0]?.id ?? ""} onErrors={() => setShowingErrors(true)} />
          <TrafficPanel serviceId={service.id} />
          {ending ? null : <TokensPanel service={service} />}
          {ending ? null : <RevisionsPanel service={service} />}
          <EventsPanel {...history} />
        </div>
        <FactsPanel service={service} />
      </div>
      <ModifyDialog opened={part === "modify" && !ending} service={service} onClose={() => go(null)} />
      <TryDialog opened={part === "try" && !ending} service={service} models={models} onClose={() => go(null)} />
      <ChatDialog opened={part === "chat" && !ending} service={service} models={models} onClose={() => go(null)} />
      <ErrorsDialog opened={showingErrors} service={service} onClose={() => setShowingErrors(false)} />
    </div>
  );
}
