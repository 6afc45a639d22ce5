/** Where it answers, how it is called from elsewhere, and the ways to try it from here. */
import { Button, SegmentedControl, Switch } from "@mantine/core";
import { IconMessage, IconTestPipe } from "@tabler/icons-react";
import { useState, type ReactElement } from "react";
import { Command, Copy } from "../../parts/copy.tsx";
import { Notice } from "../../parts/notice.tsx";
import { chatIn, exportOf, languages, requestIn, type Language } from "../try/snippets.ts";
import type { Models } from "../try/use-models.ts";
import { useTrialToken } from "../try/use-trial-token.ts";
import { inWords } from "../try/use-call.ts";
import type { ServiceDetail } from "./service-detail.ts";

const look = { size: 16, stroke: 1.5, "aria-hidden": true };
type Kind = "any" | "openai";

type EndpointPanelProps = {
  readonly service: ServiceDetail;
  readonly models: Models;
  /** Somebody wants to know whether OpenAI's clients can talk to it. */
  readonly onAskModels: () => void;
  readonly onTry: () => void;
  readonly onChat: () => void;
};

export function EndpointPanel({ service, models, onAskModels, onTry, onChat }: EndpointPanelProps): ReactElement {
  const [language, setLanguage] = useState<Language>("curl");
  const [chosen, setChosen] = useState<Kind | null>(null);
  const [isStreamed, setStreamed] = useState(true);
  const kind = chosen ?? (models.kind === "known" ? "openai" : "any");
  const code =
    kind === "any"
      ? requestIn(language, service)
      : chatIn(language, service, models.kind === "known" ? (models.names[0] ?? "") : "<model>", isStreamed);
  return (
    <section className="panel" aria-labelledby="endpoint">
      <header>
        <h2 id="endpoint">Endpoint</h2>
        <span className="soft">{service.openToPublic ? "Open to public: no token is needed" : "Private: callers need a token"}</span>
      </header>
      <div className="stack" style={{ padding: 16, "--gap": "12px" }}>
        <div className="line apart" style={{ flexWrap: "wrap" }}>
          <span className="line">
            <a className="mono" href={service.endpoint} target="_blank" rel="noreferrer" style={{ overflowWrap: "anywhere" }}>
              {service.endpoint}
            </a>
            <Copy what="endpoint" text={service.endpoint} />
          </span>
          <span className="line">
            <Button variant="default" size="compact-md" leftSection={<IconTestPipe {...look} />} onClick={onTry}>
              Try it
            </Button>
            <Button variant="default" size="compact-md" leftSection={<IconMessage {...look} />} onClick={onChat}>
              Chat
            </Button>
          </span>
        </div>
        <div className="line" style={{ flexWrap: "wrap", "--gap": "8px 12px" }}>
          <SegmentedControl
            aria-label="Language"
            size="xs"
            data={[...languages]}
            value={language}
            onChange={(value) => setLanguage(languages.find((one) => one === value) ?? "curl")}
          />
          <SegmentedControl
            aria-label="Kind of call"
            size="xs"
            data={[
              { label: "Any request", value: "any" },
              { label: "OpenAI chat", value: "openai" },
            ]}
            value={kind}
            onChange={(value) => {
              setChosen(value === "openai" ? "openai" : "any");
              if (value === "openai") onAskModels();
            }}
          />
          {kind === "openai" && (
            <Switch size="xs" label="Streamed" checked={isStreamed} onChange={(event) => setStreamed(event.currentTarget.checked)} />
          )}
        </div>
        {kind === "openai" && models.kind === "none" && <Notice tone="amber">{`OpenAI’s clients cannot call it. ${models.why}`}</Notice>}
        {!service.openToPublic && <TokenVariable serviceId={service.id} />}
        <Command what={language === "curl" ? "curl command" : `${language} code`} text={code} />
      </div>
    </section>
  );
}

/** The variable that the code reads, with a token in it for who only wants to see it work. */
function TokenVariable({ serviceId }: { readonly serviceId: string }): ReactElement {
  const tokenOf = useTrialToken(serviceId);
  const [secret, setSecret] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const fill = () =>
    void tokenOf().then(
      (token) => {
        setSecret(token);
        setProblem(null);
      },
      (thrown: unknown) => setProblem(inWords(thrown)),
    );
  return (
    <>
      <Command what="token variable" text={exportOf(secret ?? "<token>")} />
      <span className="line" style={{ flexWrap: "wrap" }}>
        <Button variant="default" size="compact-sm" onClick={fill}>
          Fill in a token for some minutes
        </Button>
        <span className="soft">{secret === null ? "Lasting ones are created below." : "It ends by itself within ten minutes."}</span>
      </span>
      <Notice tone="red">{problem}</Notice>
    </>
  );
}
