/** May this request call that service? Public services need nothing, private ones a token of theirs. */
import { parseAuthorization } from "../auth/header.ts";
import type { Verifier } from "../auth/keys.ts";
import type { RefusedReason } from "../auth/verify.ts";
import type { TokenId } from "../model/ids.ts";
import { type RawHeaders, valuesOf } from "./headers.ts";
import type { TableService } from "./route-table.ts";

export type Authorization =
  | {
      readonly ok: true;
      /** Null where the service is public. */
      readonly tokenId: TokenId | null;
      /** The header carries a token of ours, which must not reach the model. Any other header there is the model's. */
      readonly hasOurToken: boolean;
    }
  /** The reason is for our log only. */
  | { readonly ok: false; readonly reason: RefusedReason };

export async function authorize(service: TableService, headers: RawHeaders, verifier: Verifier, now: Date): Promise<Authorization> {
  const values = valuesOf(headers, "authorization");
  const header = parseAuthorization(values);
  if (service.openToPublic) {
    const hasOurToken = values.some((value) => value.split(/[\s,]+/).some((text) => verifier.issued(text)));
    return { ok: true, tokenId: null, hasOurToken: hasOurToken || (header.kind === "token" && header.scheme === "backendai") };
  }
  if (header.kind !== "token") return { ok: false, reason: header.kind };
  const verification = await verifier.verify(header.token, {
    serviceId: service.id,
    now,
    isRevoked: (tokenId) => service.revokedTokens.has(tokenId),
  });
  return verification.ok ? { ok: true, tokenId: verification.tokenId, hasOurToken: true } : { ok: false, reason: verification.reason };
}

/** For a request that was authorized, and then waited for minutes perhaps. */
export const isStillAuthorized = (service: TableService, tokenId: TokenId | null): boolean =>
  service.openToPublic || (tokenId !== null && !service.revokedTokens.has(tokenId));
