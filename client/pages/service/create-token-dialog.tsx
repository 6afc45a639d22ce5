/** Creates a token: name and expiry, then the secret with its copy button. */
import { Button, Modal, Select, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState, type ReactElement } from "react";
import { useChange } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import { CreateTokenDocument } from "../../gql/graphql.ts";
import { useNow } from "../../parts/clock.ts";
import { Command } from "../../parts/copy.tsx";
import { Notice } from "../../parts/notice.tsx";
import { curlOf, exportOf } from "./curl.ts";
import type { ServiceDetail } from "./service-detail.ts";
import { noLimits, tokenFields, tokenInputOf, TokenLimits, TokenName, validateToken, type TokenValues } from "./token-form.tsx";
import { expiryChoices, expiryOf, nextExpiry, type Expiry } from "./token-expiry.ts";

type CreateTokenDialogProps = { readonly opened: boolean; readonly service: ServiceDetail; readonly onClose: () => void };

export function CreateTokenDialog({ opened, service, onClose }: CreateTokenDialogProps): ReactElement {
  const [secret, setSecret] = useState<string | null>(null);
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      onExitTransitionEnd={() => setSecret(null)}
      title={<b>{secret === null ? "Create token" : "Token created"}</b>}
      size={560}
      centered
      closeOnClickOutside={false}
    >
      {secret !== null ? <Created secret={secret} service={service} onClose={onClose} /> : <Content serviceId={service.id} onCreated={setSecret} />}
    </Modal>
  );
}

function Content({ serviceId, onCreated }: { readonly serviceId: string; readonly onCreated: (secret: string) => void }): ReactElement {
  const change = useChange();
  const now = useNow();
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const form = useForm<TokenValues & { expiry: Expiry; expiresAt: string }>({
    initialValues: { name: "", expiry: "30", expiresAt: "", ...noLimits },
    validate: {
      ...validateToken,
      expiresAt: (at, values) => (values.expiry === "at" && !(Date.parse(at) > Date.now()) ? "A date and time in the future." : null),
    },
    validateInputOnBlur: true,
  });

  const create = async (values: typeof form.values) => {
    setBusy(true);
    const input = { serviceId, ...tokenInputOf(values), expiresAt: expiryOf(values.expiry, values.expiresAt, now) };
    const outcome = await change(CreateTokenDocument, { input })
      .then((data) => outcomeOf(data.createToken, "CreateTokenSuccess", [...tokenFields, "expiresAt"]))
      .catch(unreachable);
    setBusy(false);
    if (outcome.ok) return onCreated(outcome.value.secret);
    setMessage(outcome.message);
    form.setErrors(outcome.fields);
  };

  return (
    <form className="stack" noValidate onSubmit={form.onSubmit((values) => void create(values))}>
      <Notice tone="red">{message}</Notice>
      <TokenName form={form} />
      <div className="line" style={{ alignItems: "flex-start", flexWrap: "wrap" }}>
        <Select label="Expires" data={expiryChoices} w={200} {...form.getInputProps("expiry")} />
        {form.values.expiry === "at" && (
          <TextInput label="Date and time" type="datetime-local" style={{ flex: 1 }} {...form.getInputProps("expiresAt")} />
        )}
      </div>
      <p className="soft">{nextExpiry(form.values.expiry, form.values.expiresAt, now)}</p>
      <TokenLimits form={form} />
      <div className="line" style={{ justifyContent: "flex-end" }}>
        <Button type="submit" loading={busy}>
          Create token
        </Button>
      </div>
    </form>
  );
}

type CreatedProps = { readonly secret: string; readonly service: ServiceDetail; readonly onClose: () => void };

function Created({ secret, service, onClose }: CreatedProps): ReactElement {
  return (
    <div className="stack">
      <Command what="token" text={secret} />
      <p>To call the endpoint from a shell:</p>
      <Command what="commands" text={`${exportOf(secret)}\n${curlOf({ ...service, openToPublic: false })}`} />
      <p className="soft">It can be copied again from the list for as long as it is valid.</p>
      <div className="line" style={{ justifyContent: "flex-end" }}>
        <Button onClick={onClose}>Done</Button>
      </div>
    </div>
  );
}
