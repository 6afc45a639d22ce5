/** "Try it": any request to the endpoint, and what comes back. What is typed stays for this tab. */
import "./try.css";
import { Button, Modal, Select, Textarea, TextInput } from "@mantine/core";
import { useMediaQuery, useSessionStorage } from "@mantine/hooks";
import { IconPlayerStop, IconSend } from "@tabler/icons-react";
import { useState, type KeyboardEvent, type ReactElement } from "react";
import type { ServiceDetail } from "../service/service-detail.ts";
import { ExchangeView } from "./exchange-view.tsx";
import { NotServing } from "./not-serving.tsx";
import { firstRequest, headersIn, mayHaveBody, methods } from "./request-draft.ts";
import { useExchange } from "./use-exchange.ts";
import type { Models } from "./use-models.ts";

type TryDialogProps = { readonly opened: boolean; readonly service: ServiceDetail; readonly models: Models; readonly onClose: () => void };

export function TryDialog({ opened, service, models, onClose }: TryDialogProps): ReactElement {
  const narrow = useMediaQuery("(max-width: 62em)") ?? false;
  return (
    <Modal opened={opened} onClose={onClose} title={<b>Try {service.name}</b>} size={1200} fullScreen={narrow} closeOnClickOutside={false}>
      {opened && <Composer service={service} models={models} />}
    </Modal>
  );
}

const sendsOn = (event: KeyboardEvent): boolean => event.key === "Enter" && (event.ctrlKey || event.metaKey);

function Composer({ service, models }: Pick<TryDialogProps, "service" | "models">): ReactElement {
  const [kept, keep] = useSessionStorage({ key: `serai-try ${service.id}`, defaultValue: null as ReturnType<typeof firstRequest> | null });
  const request = kept ?? firstRequest(models);
  const [wrong, setWrong] = useState<string | null>(null);
  const { exchange, send, stop } = useExchange(service);
  const isUnderWay = exchange?.phase === "waiting" || exchange?.phase === "coming";
  const change = (part: Partial<typeof request>) => keep({ ...request, ...part });

  const submit = () => {
    const headers = headersIn(request.headers);
    setWrong(headers.ok ? null : headers.why);
    if (!headers.ok) return;
    const path = request.path.startsWith("/") ? request.path : `/${request.path}`;
    void send({ method: request.method, path, headers: headers.value, body: mayHaveBody(request.method) ? request.body : null });
  };

  return (
    <div className="try">
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
        onKeyDown={(event) => {
          if (!sendsOn(event)) return;
          event.preventDefault();
          submit();
        }}
      >
        <NotServing service={service} />
        <div className="line" style={{ alignItems: "flex-end" }}>
          <Select label="Method" w={116} data={methods} value={request.method} onChange={(method) => method !== null && change({ method })} />
          <TextInput
            label="Path"
            style={{ flex: 1 }}
            className="code"
            autoComplete="off"
            spellCheck={false}
            data-autofocus
            value={request.path}
            onChange={(event) => change({ path: event.currentTarget.value })}
          />
        </div>
        <p className="soft mono" style={{ overflowWrap: "anywhere" }}>
          {service.endpoint}
        </p>
        <Textarea
          label="Headers"
          description={service.openToPublic ? "One a line" : "One a line. A token for some minutes is added, where none is given"}
          className="code"
          autosize
          minRows={2}
          spellCheck={false}
          value={request.headers}
          error={wrong}
          onChange={(event) => change({ headers: event.currentTarget.value })}
        />
        <Textarea
          label="Body"
          description={mayHaveBody(request.method) ? undefined : `Browsers send none with ${request.method}`}
          disabled={!mayHaveBody(request.method)}
          className="code"
          autosize
          minRows={6}
          maxRows={20}
          spellCheck={false}
          value={request.body}
          onChange={(event) => change({ body: event.currentTarget.value })}
        />
        <div className="line apart">
          <span className="soft">Ctrl+Enter sends</span>
          <span className="line">
            {isUnderWay && (
              <Button variant="default" leftSection={<IconPlayerStop size={16} aria-hidden />} onClick={stop}>
                Stop
              </Button>
            )}
            <Button type="submit" leftSection={<IconSend size={16} aria-hidden />}>
              Send
            </Button>
          </span>
        </div>
      </form>
      <section className="stack" aria-label="Answer">
        <ExchangeView exchange={exchange} />
      </section>
    </div>
  );
}
