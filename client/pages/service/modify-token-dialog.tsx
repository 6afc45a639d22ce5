/** Modifies a token: its name and its limits. Whoever has it goes on with the same text. */
import { Button, Modal } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState, type ReactElement } from "react";
import { useChange } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import { ModifyTokenDocument, type TokenItemFragment } from "../../gql/graphql.ts";
import { Notice } from "../../parts/notice.tsx";
import { tokenFields, tokenInputOf, TokenLimits, TokenName, validateToken, type TokenValues } from "./token-form.tsx";

type ModifyTokenDialogProps = { readonly token: TokenItemFragment | null; readonly onClose: () => void };

export function ModifyTokenDialog({ token, onClose }: ModifyTokenDialogProps): ReactElement {
  return (
    <Modal opened={token !== null} onClose={onClose} title={<b>Modify token</b>} size={560} centered>
      {token !== null && <Content key={token.id} token={token} onClose={onClose} />}
    </Modal>
  );
}

function Content({ token, onClose }: { readonly token: TokenItemFragment; readonly onClose: () => void }): ReactElement {
  const change = useChange();
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const form = useForm<TokenValues>({
    initialValues: { name: token.name, requestsPerMinute: token.requestsPerMinute ?? "", concurrentRequests: token.concurrentRequests ?? "" },
    validate: validateToken,
    validateInputOnBlur: true,
  });

  const save = async (values: TokenValues) => {
    setBusy(true);
    const outcome = await change(ModifyTokenDocument, { input: { id: token.id, ...tokenInputOf(values) } })
      .then((data) => outcomeOf(data.modifyToken, "ModifyTokenSuccess", tokenFields))
      .catch(unreachable);
    setBusy(false);
    if (outcome.ok) return onClose();
    setMessage(outcome.message);
    form.setErrors(outcome.fields);
  };

  return (
    <form className="stack" noValidate onSubmit={form.onSubmit((values) => void save(values))}>
      <Notice tone="red">{message}</Notice>
      <TokenName form={form} />
      <TokenLimits form={form} />
      <p className="soft">Limits hold at once, for everybody who uses this token together. Beyond them, requests are answered 429.</p>
      <div className="line" style={{ justifyContent: "flex-end" }}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={busy}>
          Save
        </Button>
      </div>
    </form>
  );
}
