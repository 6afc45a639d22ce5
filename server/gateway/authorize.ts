/** May this request call that service? Public services need nothing, private ones a token of theirs. */
import { parseAuthorization, type AuthorizationHeader } from "../auth/header.ts";
import type { Verifier } from "../auth/verifier.ts";
import type { RefusedReason } from "../auth/verify.ts";
import type { TokenId } from "../model/ids.ts";
import { type RawHeaders, valuesOf } from "./headers.ts";
import type { TableService } from "./route-table.ts";

export type Authorization =
  | {
      readonly ok: true;
      /** Null where the service is public. */
      readonly tokenId: TokenId | null;
      /** Headers (in lower case) that carry a token of ours, which must not reach the model. Anything else in them is the model's. */
      readonly ourTokensIn: readonly string[];
    }
  /** The reason is for our log only. */
  | { readonly ok: false; readonly reason: RefusedReason };

const nowhere: readonly string[] = [];
const inAuthorization: readonly string[] = ["authorization"];
const inKey: readonly string[] = ["x-api-key"];
const inBoth: readonly string[] = ["authorization", "x-api-key"];

/** In `Authorization`, or without one in `X-API-Key`. */
export function tokenIn(headers: RawHeaders): AuthorizationHeader {
  const values = valuesOf(headers, "authorization");
  const keys = valuesOf(headers, "x-api-key");
  return values.length === 0 && keys.length === 1 ? keyOf(keys[0] ?? "") : parseAuthorization(values);
}

export async function authorize(service: TableService, headers: RawHeaders, verifier: Verifier, now: Date): Promise<Authorization> {
  const values = valuesOf(headers, "authorization");
  const keys = valuesOf(headers, "x-api-key");
  const header = tokenIn(headers);
  const { passAuthorization } = service.traffic;
  if (service.openToPublic) {
    if (passAuthorization) return { ok: true, tokenId: null, ourTokensIn: nowhere };
    if (values.length === 0 && keys.length === 0) return { ok: true, tokenId: null, ourTokensIn: nowhere };
    const issued = (texts: readonly string[]) => texts.some((value) => value.split(/[\s,]+/).some((text) => verifier.issued(text)));
    const isOurs = issued(values) || (values.length > 0 && header.kind === "token" && header.scheme === "backendai");
    return { ok: true, tokenId: null, ourTokensIn: [...(isOurs ? inAuthorization : nowhere), ...(issued(keys) ? inKey : nowhere)] };
  }
  if (header.kind !== "token") return { ok: false, reason: header.kind };
  const verification = await verifier.verify(header.token, {
    serviceId: service.id,
    now,
    isRevoked: (tokenId) => service.revokedTokens.has(tokenId),
  });
  if (!verification.ok) return { ok: false, reason: verification.reason };
  if (passAuthorization) return { ok: true, tokenId: verification.tokenId, ourTokensIn: nowhere };
  const ourTokensIn = values.length === 0 ? inKey : keys.some((key) => verifier.issued(key)) ? inBoth : inAuthorization;
  return { ok: true, tokenId: verification.tokenId, ourTokensIn };
}

const keyOf = (value: string) => parseAuthorization([`Bearer ${value.trim()}`]);

/** For a request that was authorized, and then waited for minutes perhaps. */
export const isStillAuthorized = (service: TableService, tokenId: TokenId | null): boolean =>
  service.openToPublic || (tokenId !== null && !service.revokedTokens.has(tokenId));
