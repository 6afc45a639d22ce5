/**
 * A token is a signed statement: who holds it may call this service until then. Nothing of it is stored, so a copy of the
 * database opens no endpoint, and `copyToken` can sign the same claims again.
 *
 * Signing is asymmetric (ES256): the API holds the private key, gateways only verify, offline and without a query per
 * request. What a signature cannot say, that a token was revoked, the gateway knows from its route table.
 *
 * keys.ts     makes and opens the key pairs, private halves encrypted with SERAI_SECRET
 * sign.ts     claims -> text
 * verify.ts   text -> claims, or why not
 * header.ts   the Authorization header -> text
 */
import type { ServiceId, TokenId } from "../model/ids.ts";

/** The only algorithm, on both sides: a token that names another one (`none`, HS256) is refused unread. */
export const tokenAlgorithm = "ES256";
export const tokenIssuer = "serai";

export type TokenClaims = {
  readonly tokenId: TokenId;
  readonly serviceId: ServiceId;
  readonly issuedAt: Date;
  /** Null: never. */
  readonly expiresAt: Date | null;
};
