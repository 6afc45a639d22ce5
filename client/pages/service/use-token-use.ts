/** When tokens were last used, and how often: nobody is told of it, so it is read again every few seconds. */
import { useCallback } from "react";
import { useFresh } from "../../connection/fresh.ts";
import { useQuestion } from "../../connection/operations.ts";
import { TokenUseDocument, type TokenUseQuery } from "../../gql/graphql.ts";

export type TokenUse = NonNullable<TokenUseQuery["service"]>["tokens"][number];

const everyMs = 5000;
const nothing: readonly TokenUse[] = [];

export function useTokenUse(serviceId: string, hasTokens: boolean): ReadonlyMap<string, TokenUse> {
  const ask = useQuestion();
  const read = useCallback(
    async () => (hasTokens ? ((await ask(TokenUseDocument, { id: serviceId })).service?.tokens ?? nothing) : nothing),
    [ask, serviceId, hasTokens],
  );
  const { value = nothing } = useFresh(`token use ${serviceId}`, read, everyMs);
  return new Map(value.map((use) => [use.id, use]));
}
