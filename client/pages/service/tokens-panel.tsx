/** Tokens of the service: who may call. Their secrets are signed anew when copied; nobody keeps them. */
import { ActionIcon, Button, Modal } from "@mantine/core";
import { IconBan, IconPencil, IconPlus } from "@tabler/icons-react";
import { useState, type ReactElement } from "react";
import { useChange } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import { CopyTokenDocument, type TokenItemFragment } from "../../gql/graphql.ts";
import { useNow } from "../../parts/clock.ts";
import { Command, Copy, copyText } from "../../parts/copy.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Flag } from "../../parts/status.tsx";
import { Ago, exactly, Until } from "../../parts/time.tsx";
import { CreateTokenDialog } from "./create-token-dialog.tsx";
import { ModifyTokenDialog } from "./modify-token-dialog.tsx";
import { RevokeTokenDialog } from "./revoke-token-dialog.tsx";
import type { ServiceDetail } from "./service-detail.ts";
import { limitWords } from "./token-form.tsx";

export function TokensPanel({ service }: { readonly service: ServiceDetail }): ReactElement {
  const change = useChange();
  const [creating, setCreating] = useState(false);
  const [modifying, setModifying] = useState<TokenItemFragment | null>(null);
  const [revoking, setRevoking] = useState<TokenItemFragment | null>(null);
  const [message, setMessage] = useState<string | null>(null);
  const [byHand, setByHand] = useState<string | null>(null);

  const secretOf = async (token: TokenItemFragment): Promise<string | null> => {
    const outcome = await change(CopyTokenDocument, { input: { id: token.id } })
      .then((data) => outcomeOf(data.copyToken, "CopyTokenSuccess"))
      .catch(unreachable);
    setMessage(outcome.ok ? null : outcome.message);
    if (!outcome.ok) return null;
    const { secret } = outcome.value;
    if (await copyText(secret)) return secret;
    setByHand(secret);
    return null;
  };

  return (
    <section className="panel" aria-labelledby="tokens">
      <header>
        <h2 id="tokens">Tokens</h2>
        <Button variant="default" size="compact-md" leftSection={<IconPlus size={16} />} onClick={() => setCreating(true)}>
          Create token
        </Button>
      </header>
      <Notice tone="red">{message}</Notice>
      {service.tokens.length === 0 ? (
        <p className="soft" style={{ padding: 16 }}>
          {service.openToPublic
            ? "The endpoint is open to the public: it is called without a token."
            : "No token yet. Without one, nobody can call the endpoint."}
        </p>
      ) : (
        <table className="table" aria-label="Tokens">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Status</th>
              <th scope="col" className="middle">
                Expires
              </th>
              <th scope="col" className="middle">
                Last used
              </th>
              <th scope="col" className="wide">
                Created
              </th>
              <th scope="col" className="number">
                Control
              </th>
            </tr>
          </thead>
          <tbody>
            {service.tokens.map((token) => (
              <Row key={token.id} token={token} secretOf={secretOf} onModify={() => setModifying(token)} onRevoke={() => setRevoking(token)} />
            ))}
          </tbody>
        </table>
      )}
      <CreateTokenDialog opened={creating} service={service} onClose={() => setCreating(false)} />
      <ModifyTokenDialog token={modifying} onClose={() => setModifying(null)} />
      <RevokeTokenDialog token={revoking} onClose={() => setRevoking(null)} />
      <Modal opened={byHand !== null} onClose={() => setByHand(null)} title={<b>Copy the token</b>} centered>
        <div className="stack">
          <p>The browser does not let this page copy. Select the token and copy it.</p>
          {byHand !== null && <Command what="token" text={byHand} />}
        </div>
      </Modal>
    </section>
  );
}

type RowProps = {
  readonly token: TokenItemFragment;
  readonly secretOf: (token: TokenItemFragment) => Promise<string | null>;
  readonly onModify: () => void;
  readonly onRevoke: () => void;
};

function Row({ token, secretOf, onModify, onRevoke }: RowProps): ReactElement {
  const now = useNow();
  const expired = token.expiresAt !== null && Date.parse(token.expiresAt) <= now;
  const limits = limitWords(token);
  const usable = token.revokedAt === null && !expired;
  return (
    <tr>
      <td style={{ overflowWrap: "anywhere" }}>
        <span style={{ fontWeight: 500 }}>{token.name}</span>
        {limits !== null && <div className="soft numeric">At most {limits}</div>}
      </td>
      <td style={{ minWidth: 92 }}>
        {token.revokedAt !== null ? (
          <span title={`Revoked ${exactly(token.revokedAt)}`}>
            <Flag tone="grey" shape="cross">
              Revoked
            </Flag>
          </span>
        ) : expired ? (
          <Flag tone="grey" shape="clock">
            Expired
          </Flag>
        ) : (
          <Flag tone="green" shape="check">
            Valid
          </Flag>
        )}
      </td>
      <td className="middle">{token.expiresAt === null ? "Never" : expired ? <Ago at={token.expiresAt} /> : <Until at={token.expiresAt} />}</td>
      <td className="middle">{token.lastUsedAt === null ? <span className="soft">Never</span> : <Ago at={token.lastUsedAt} />}</td>
      <td className="wide soft">
        <Ago at={token.createdAt} />
      </td>
      <td>
        <span className="line" style={{ justifyContent: "flex-end", "--gap": "4px", minHeight: 34 }}>
          {usable && (
            <>
              <Copy what={`token ${token.name}`} text={() => secretOf(token)} />
              <ActionIcon variant="subtle" color="gray" aria-label={`Modify ${token.name}`} title="Modify" onClick={onModify}>
                <IconPencil size={16} stroke={1.5} />
              </ActionIcon>
              <ActionIcon variant="subtle" color="gray" aria-label={`Revoke ${token.name}`} title="Revoke" onClick={onRevoke}>
                <IconBan size={16} stroke={1.5} />
              </ActionIcon>
            </>
          )}
        </span>
      </td>
    </tr>
  );
}
