/** Everything that kept routes from serving and nobody has cleared, newest first, with how each attempt ended and its last lines. */
import { Button, Modal } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import type { ReactElement } from "react";
import { useAnswer } from "../../connection/answer.ts";
import { ServiceErrorsDocument, type ErrorItemFragment } from "../../gql/graphql.ts";
import { LastWords } from "../../parts/last-words.tsx";
import { Copy } from "../../parts/copy.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Ago } from "../../parts/time.tsx";
import { Waiting } from "../../parts/waiting.tsx";
import { Words } from "../../parts/words.tsx";
import type { ServiceDetail } from "./service-detail.ts";
import { shortId } from "./short-id.ts";
import { useRetry } from "./use-retry.ts";

type ErrorsDialogProps = { readonly opened: boolean; readonly service: ServiceDetail; readonly onClose: () => void };

export function ErrorsDialog({ opened, service, onClose }: ErrorsDialogProps): ReactElement {
  const narrow = useMediaQuery("(max-width: 48em)") ?? false;
  return (
    <Modal opened={opened} onClose={onClose} title={<b>Errors of {service.name}</b>} size={820} fullScreen={narrow}>
      {opened && <Content service={service} onClose={onClose} />}
    </Modal>
  );
}

function Content({ service, onClose }: Omit<ErrorsDialogProps, "opened">): ReactElement {
  const newest = service.errors.map(({ id, repeats }) => `${id} ${repeats}`).join();
  const { data, problem } = useAnswer(ServiceErrorsDocument, { id: service.id }, newest);
  const retrying = useRetry(service.id);
  const errors = data?.service?.errors;
  const retry = async () => {
    if ((await retrying.ask()).ok) onClose();
  };
  return (
    <div className="stack">
      <Notice tone="red">{retrying.message}</Notice>
      <Notice tone="amber">{problem}</Notice>
      <div className="line apart" style={{ flexWrap: "wrap", "--gap": "8px 16px" }}>
        <p className="soft" style={{ flex: "1 1 280px" }}>
          Clearing reads the model definition again, and starts what waits at once. The history keeps the errors.
        </p>
        <Button loading={retrying.isBusy} onClick={() => void retry()}>
          Clear errors and retry
        </Button>
      </div>
      {errors === undefined ? (
        problem === null && <Waiting rows={3} />
      ) : errors.length === 0 ? (
        <p>There is no error that is not cleared.</p>
      ) : (
        <ol className="errors" aria-label="Errors">
          {errors.map((error) => (
            <Item key={error.id} error={error} />
          ))}
        </ol>
      )}
    </div>
  );
}

function Item({ error }: { readonly error: ErrorItemFragment }): ReactElement {
  const { failure, routeId, repeats } = error;
  const facts = failure === null ? [] : factsOf(failure);
  return (
    <li>
      <div className="line soft" style={{ flexWrap: "wrap", "--gap": "0 12px" }}>
        <span style={{ minWidth: 76 }}>
          <Ago at={error.lastAt} />
        </span>
        {routeId !== null && (
          <span className="line" style={{ "--gap": "4px" }}>
            <code title={routeId}>{shortId(routeId)}</code>
            <Copy what="route id" text={routeId} />
          </span>
        )}
        {facts.map((fact) => (
          <span key={fact} className="numeric">
            {fact}
          </span>
        ))}
        {repeats > 0 && <span className="numeric">{repeats + 1} times</span>}
      </div>
      <p style={{ fontWeight: 500 }}>
        <Words>{failure?.message ?? error.message}</Words>
      </p>
      <LastWords failure={failure} />
    </li>
  );
}

function factsOf({ exitCode, signal, node }: NonNullable<ErrorItemFragment["failure"]>): readonly string[] {
  return [
    ...(exitCode === null ? [] : [`exit code ${exitCode}`]),
    ...(signal === null ? [] : [`ended by ${signal}`]),
    ...(node === null ? [] : [`on ${node}`]),
  ];
}
