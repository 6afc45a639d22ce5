/**
 * Is this a token for that service, now? Decides from values only: keys, clock and revocations are handed in.
 *
 * The signature is the expensive part (about 0.1 ms), so verified ones are remembered. A remembered signature says only that the claims
 * are ours: expiry, service and revocation are looked at every time, and a key that is gone makes it worthless.
 */
import type { KeyObject } from "node:crypto";
import jsonwebtoken from "jsonwebtoken";
import { asId, type ServiceId, type TokenId } from "../model/ids.ts";
import { tokenAlgorithm, tokenIssuer } from "./token.ts";

/** `retiresAt`: from then on it verifies nothing, though what it signed is still known to be ours; null: it does not retire. */
export type PublicKey = { readonly key: KeyObject; readonly retiresAt: Date | null };
export type PublicKeys = ReadonlyMap<string, PublicKey>;

export type RefusedReason = "missing" | "malformed" | "badSignature" | "otherService" | "expired" | "revoked";

export type Verification =
  | { readonly ok: true; readonly tokenId: TokenId; readonly expiresAt: Date | null }
  | { readonly ok: false; readonly reason: RefusedReason };

type SignedClaims = { readonly keyId: string; readonly tokenId: TokenId; readonly subject: string; readonly expiresAtMs: number | null };

/** Texts whose signature was verified, least recently used first. */
export type VerifiedSignatures = Map<string, SignedClaims>;
const verifiedSignaturesMax = 10_000;

/** Longer texts are not looked at: ours have about 300 characters. */
const textLengthMax = 4096;

export type VerifyOptions = {
  readonly keys: PublicKeys;
  readonly serviceId: ServiceId;
  readonly now: Date;
  readonly isRevoked: (tokenId: TokenId) => boolean;
  readonly verified?: VerifiedSignatures;
};

export function verifyToken(text: string, options: VerifyOptions): Verification {
  if (text === "") return refuse("missing");
  if (text.length > textLengthMax) return refuse("malformed");

  const claims = rememberedClaims(text, options) ?? signedClaims(text, options);
  if (typeof claims === "string") return refuse(claims);
  if (claims.expiresAtMs !== null && options.now.getTime() >= claims.expiresAtMs) {
    options.verified?.delete(text);
    return refuse("expired");
  }
  if (options.verified !== undefined) remember(text, claims, options.verified);

  if (claims.subject !== options.serviceId) return refuse("otherService");
  if (options.isRevoked(claims.tokenId)) return refuse("revoked");
  return { ok: true, tokenId: claims.tokenId, expiresAt: claims.expiresAtMs === null ? null : new Date(claims.expiresAtMs) };
}

/** The key that the text says it was signed with; null where it is no JSON Web Token. */
export function keyIdOf(text: string): string | null {
  if (text.length > textLengthMax) return null;
  const keyId: unknown = decoded(text)?.header.kid;
  return typeof keyId === "string" ? keyId : null;
}

/** Whether the text says that an installation of Serai made it, rightly or not. */
export function namesOurIssuer(text: string): boolean {
  if (text.length > textLengthMax) return false;
  const payload = decoded(text)?.payload;
  return typeof payload === "object" && payload.iss === tokenIssuer;
}

function rememberedClaims(text: string, { keys, verified, now }: VerifyOptions): SignedClaims | null {
  const claims = verified?.get(text);
  return claims !== undefined && verifies(keys.get(claims.keyId), now) ? claims : null;
}

const verifies = (key: PublicKey | undefined, now: Date): key is PublicKey =>
  key !== undefined && (key.retiresAt === null || now.getTime() < key.retiresAt.getTime());

function remember(text: string, claims: SignedClaims, verified: VerifiedSignatures): void {
  verified.delete(text);
  verified.set(text, claims);
  if (verified.size <= verifiedSignaturesMax) return;
  const oldest = verified.keys().next().value;
  if (oldest !== undefined) verified.delete(oldest);
}

function signedClaims(text: string, { keys, now }: VerifyOptions): SignedClaims | "malformed" | "badSignature" {
  const keyId = keyIdOf(text);
  if (keyId === null) return decoded(text) === null ? "malformed" : "badSignature";
  const known = keys.get(keyId);
  if (!verifies(known, now)) return "badSignature";
  try {
    // Expiry is compared by us: with our clock, and to the millisecond.
    const payload = jsonwebtoken.verify(text, known.key, { algorithms: [tokenAlgorithm], issuer: tokenIssuer, ignoreExpiration: true });
    return typeof payload === "string" ? "malformed" : claimsOf(keyId, payload);
  } catch {
    return "badSignature";
  }
}

function claimsOf(keyId: string, payload: jsonwebtoken.JwtPayload): SignedClaims | "malformed" {
  const { sub, jti, exp }: { sub?: unknown; jti?: unknown; exp?: unknown } = payload;
  const tokenId = typeof jti === "string" ? asId("token", jti) : null;
  if (tokenId === null || typeof sub !== "string") return "malformed";
  if (exp !== undefined && typeof exp !== "number") return "malformed";
  return { keyId, tokenId, subject: sub, expiresAtMs: exp === undefined ? null : Math.round(exp * 1000) };
}

function decoded(text: string): jsonwebtoken.Jwt | null {
  try {
    return jsonwebtoken.decode(text, { complete: true });
  } catch {
    return null;
  }
}

const refuse = (reason: RefusedReason): Verification => ({ ok: false, reason });
