/** "Clear errors and retry", which also reads the definition anew: where that has changed, it is rolled out as the next revision. */
import { useChange } from "../../connection/operations.ts";
import { outcomeOf } from "../../connection/outcome.ts";
import { ClearErrorsAndRetryDocument } from "../../gql/graphql.ts";
import { useWish, type Wish } from "./use-wish.ts";

export function useRetry(serviceId: string): Wish {
  const change = useChange();
  return useWish(async () => {
    const data = await change(ClearErrorsAndRetryDocument, { input: { id: serviceId } });
    return outcomeOf(data.clearErrorsAndRetry, "ClearErrorsAndRetrySuccess");
  });
}
