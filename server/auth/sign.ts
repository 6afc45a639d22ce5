/** The same claims always give the same statement (only the signature differs: ECDSA draws a number for each). */
import type { KeyObject } from "node:crypto";
import jsonwebtoken from "jsonwebtoken";
import { type TokenClaims, tokenAlgorithm, tokenIssuer } from "./token.ts";

export type SigningKey = { readonly id: string; readonly privateKey: KeyObject };

/** RFC 7519. `exp` keeps its milliseconds (NumericDate allows fractions), so that a token expires when its row says so. */
export function signToken(claims: TokenClaims, key: SigningKey): string {
  const payload = {
    iss: tokenIssuer,
    sub: claims.serviceId,
    jti: claims.tokenId,
    iat: Math.floor(claims.issuedAt.getTime() / 1000),
    ...(claims.expiresAt === null ? {} : { exp: claims.expiresAt.getTime() / 1000 }),
  };
  return jsonwebtoken.sign(payload, key.privateKey, { algorithm: tokenAlgorithm, keyid: key.id });
}
