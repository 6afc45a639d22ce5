/** "Clear errors and retry", which also reads the definition anew: where that has changed, it is rolled out as the next revision. */
import { useState } from "react";
import { useChange } from "../../connection/operations.ts";
import { outcomeOf, unreachable } from "../../connection/outcome.ts";
import { ClearErrorsAndRetryDocument } from "../../gql/graphql.ts";

export type Retry = {
  readonly isBusy: boolean;
  /** Why it was refused. */
  readonly message: string | null;
  readonly retry: () => Promise<void>;
};

export function useRetry(serviceId: string): Retry {
  const change = useChange();
  const [isBusy, setBusy] = useState(false);
  const [message, setMessage] = useState<string | null>(null);
  const retry = async () => {
    setBusy(true);
    const outcome = await change(ClearErrorsAndRetryDocument, { input: { id: serviceId } })
      .then((data) => outcomeOf(data.clearErrorsAndRetry, "ClearErrorsAndRetrySuccess"))
      .catch(unreachable);
    setBusy(false);
    setMessage(outcome.ok ? null : outcome.message);
  };
  return { isBusy, message, retry };
}
