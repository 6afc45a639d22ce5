/** The keys that sign the tokens of endpoints: which there are, and putting a new one in their place. */
import { Button } from "@mantine/core";
import { useState, type ReactElement } from "react";
import { useReading } from "../../connection/operations.ts";
import { SigningKeysDocument, type SigningKeyItemFragment } from "../../gql/graphql.ts";
import { useNow } from "../../parts/clock.ts";
import { Flag } from "../../parts/status.tsx";
import { Ago, Until } from "../../parts/time.tsx";
import { ReplaceKeyDialog } from "./replace-key-dialog.tsx";

export function SigningKeysPanel(): ReactElement {
  const { data, again } = useReading(SigningKeysDocument, {});
  const [replacing, setReplacing] = useState(false);
  const keys = data?.signingKeys ?? [];
  return (
    <section className="panel" aria-labelledby="signing-keys">
      <header>
        <h2 id="signing-keys">Signing keys</h2>
        <Button variant="default" size="compact-md" disabled={keys.length === 0} onClick={() => setReplacing(true)}>
          Replace the key
        </Button>
      </header>
      <p className="soft" style={{ padding: "12px 16px 0" }}>
        Tokens of endpoints are signed by the newest key. Those before it go on verifying the tokens that they signed, until they retire.
      </p>
      <table className="table" aria-label="Signing keys">
        <thead>
          <tr>
            <th scope="col">Key</th>
            <th scope="col">Status</th>
            <th scope="col">Retires</th>
            <th scope="col" className="number">
              Created
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <Row key={key.id} signingKey={key} />
          ))}
        </tbody>
      </table>
      <ReplaceKeyDialog opened={replacing} onClose={() => setReplacing(false)} onReplaced={again} />
    </section>
  );
}

function Row({ signingKey: { id, signs, retiresAt, createdAt } }: { readonly signingKey: SigningKeyItemFragment }): ReactElement {
  const now = useNow();
  const isRetired = retiresAt !== null && Date.parse(retiresAt) <= now;
  return (
    <tr>
      <td>
        <code>{id}</code>
      </td>
      <td>
        {signs ? (
          <Flag tone="green" shape="check">
            Signs
          </Flag>
        ) : isRetired ? (
          <Flag tone="grey" shape="cross">
            Retired
          </Flag>
        ) : (
          <Flag tone="blue" shape="clock">
            Verifies
          </Flag>
        )}
      </td>
      <td>{retiresAt === null ? <span className="soft">Not set</span> : isRetired ? <Ago at={retiresAt} /> : <Until at={retiresAt} />}</td>
      <td className="number soft">
        <Ago at={createdAt} />
      </td>
    </tr>
  );
}
