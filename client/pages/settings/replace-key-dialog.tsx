/** Replaces the key that signs tokens, and says what becomes of the tokens that are out. */
import { Select } from "@mantine/core";
import { useState, type ReactElement } from "react";
import { useChange } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import { ReplaceSigningKeyDocument } from "../../gql/graphql.ts";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";

type ReplaceKeyDialogProps = { readonly opened: boolean; readonly onClose: () => void; readonly onReplaced: () => void };

const daySeconds = 86_400;
type Overlap = "never" | "90" | "30" | "7" | "0";
const overlaps: { readonly value: Overlap; readonly label: string; readonly words: string }[] = [
  { value: "never", label: "Never", words: "Tokens that are out stay good: nobody notices anything." },
  { value: "90", label: "In 90 days", words: "Tokens that are out stay good for 90 days; until then, copy each one anew for whoever uses it." },
  { value: "30", label: "In 30 days", words: "Tokens that are out stay good for 30 days; until then, copy each one anew for whoever uses it." },
  { value: "7", label: "In 7 days", words: "Tokens that are out stay good for 7 days; until then, copy each one anew for whoever uses it." },
  {
    value: "0",
    label: "Now: a key has leaked",
    words: "Within a second, every token that is out is answered 401, of every service. Copy each one anew for whoever uses it.",
  },
];

export function ReplaceKeyDialog({ opened, onClose, onReplaced }: ReplaceKeyDialogProps): ReactElement {
  const change = useChange();
  const [overlap, setOverlap] = useState<Overlap>("never");
  const replace = async () => {
    const retireAfterSeconds = overlap === "never" ? null : Number(overlap) * daySeconds;
    const outcome = await change(ReplaceSigningKeyDocument, { input: { retireAfterSeconds } })
      .then((data) => outcomeOf(data.replaceSigningKey, "ReplaceSigningKeySuccess"))
      .catch(unreachable);
    if (outcome.ok) onReplaced();
    return outcome;
  };
  return (
    <ConfirmDialog
      opened={opened}
      title="Replace the signing key"
      verb="Replace the key"
      isHarmless={overlap === "never"}
      {...(overlap === "0" ? { name: "revoke all" } : {})}
      onConfirm={replace}
      onClose={onClose}
    >
      <div className="stack">
        <p>A new key signs from now on, also copies of older tokens.</p>
        <Select
          label="The keys before it retire"
          data={overlaps}
          value={overlap}
          allowDeselect={false}
          onChange={(value) => setOverlap(overlaps.find((one) => one.value === value)?.value ?? "never")}
        />
        <p>{overlaps.find(({ value }) => value === overlap)?.words}</p>
      </div>
    </ConfirmDialog>
  );
}
