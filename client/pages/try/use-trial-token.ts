/** What the console's own calls are allowed by: a token for some minutes, asked for when it is needed, and kept in this page only. */
import { useCallback } from "react";
import { useChange } from "../../connection/operations.ts";
import { outcomeOf } from "../../connection/outcome.ts";
import { CreateTrialTokenDocument } from "../../gql/graphql.ts";

const kept = new Map<string, { readonly secret: Promise<string>; readonly untilMs: number }>();
/** Less than its ten minutes, by the browser's clock alone: a call that begins with it is let in. */
const usedForMs = 8 * 60_000;

/** Asks for one; rejects with words for the user where none is given. */
export function useTrialToken(serviceId: string): () => Promise<string> {
  const change = useChange();
  return useCallback(() => {
    const before = kept.get(serviceId);
    if (before !== undefined && before.untilMs > Date.now()) return before.secret;
    const asking = change(CreateTrialTokenDocument, { input: { serviceId } }).then(({ createTrialToken }) => {
      const outcome = outcomeOf(createTrialToken, "CreateTrialTokenSuccess");
      if (!outcome.ok) throw new Error(outcome.message ?? "Serai gave no token to try it with.");
      return outcome.value.secret;
    });
    kept.set(serviceId, { secret: asking, untilMs: Date.now() + usedForMs });
    asking.catch(() => kept.delete(serviceId));
    return asking;
  }, [change, serviceId]);
}
