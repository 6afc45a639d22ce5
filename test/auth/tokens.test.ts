import { createHmac, createPublicKey } from "node:crypto";
import jsonwebtoken from "jsonwebtoken";
import { describe, expect, test } from "vitest";
import { newKeyRow, openSigningKey } from "../../server/auth/keys.ts";
import { createVerifier, publicKeysOf } from "../../server/auth/verifier.ts";
import { signToken } from "../../server/auth/sign.ts";
import type { TokenClaims } from "../../server/auth/token.ts";
import { verifyToken, type VerifiedSignatures, type VerifyOptions } from "../../server/auth/verify.ts";
import { AppError } from "../../server/failure.ts";
import { newId } from "../../server/model/ids.ts";

const secret = "a secret of this installation";
const row = newKeyRow("key-1", secret);
const key = openSigningKey(row, secret);
const keys = publicKeysOf([row]);

const issuedAt = new Date("2026-11-22T10:00:00.000Z");
const expiresAt = new Date("2026-11-22T11:00:00.250Z");
const claims: TokenClaims = { tokenId: newId("token"), serviceId: newId("service"), issuedAt, expiresAt };

const verify = (text: string, overrides: Partial<VerifyOptions> = {}) =>
  verifyToken(text, { keys, serviceId: claims.serviceId, now: issuedAt, isRevoked: () => false, ...overrides });

const segment = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const payload = { iss: "serai", sub: claims.serviceId, jti: claims.tokenId, iat: 1 };

describe("A token", () => {
  test("opens the service it was made for", () => {
    expect(verify(signToken(claims, key))).toEqual({ ok: true, tokenId: claims.tokenId, expiresAt });
  });

  test("without an expiry never expires", () => {
    const text = signToken({ ...claims, expiresAt: null }, key);
    expect(verify(text, { now: new Date("2999-01-01") })).toEqual({ ok: true, tokenId: claims.tokenId, expiresAt: null });
  });

  test("expires to the millisecond, also when its signature was verified before", () => {
    const verified: VerifiedSignatures = new Map();
    const text = signToken(claims, key);
    expect(verify(text, { verified, now: new Date(expiresAt.getTime() - 1) })).toMatchObject({ ok: true });
    expect(verified.size).toBe(1);
    expect(verify(text, { verified, now: expiresAt })).toEqual({ ok: false, reason: "expired" });
    expect(verified.size).toBe(0);
  });

  test("opens no other service", () => {
    expect(verify(signToken(claims, key), { serviceId: newId("service") })).toEqual({ ok: false, reason: "otherService" });
  });

  test("opens nothing once it is revoked, also when its signature was verified before", () => {
    const verified: VerifiedSignatures = new Map();
    const text = signToken(claims, key);
    expect(verify(text, { verified })).toMatchObject({ ok: true });
    const revoked = verify(text, { verified, isRevoked: (tokenId) => tokenId === claims.tokenId });
    expect(revoked).toEqual({ ok: false, reason: "revoked" });
  });

  test("copied later makes the same statement as the first time", () => {
    const [first, second] = [signToken(claims, key), signToken(claims, key)];
    expect(first.split(".").slice(0, 2)).toEqual(second.split(".").slice(0, 2));
  });

  test("of another installation is refused, also under the same key id and when that key was known before", () => {
    const otherRow = newKeyRow("key-1", secret);
    const text = signToken(claims, openSigningKey(otherRow, secret));
    expect(verify(text)).toEqual({ ok: false, reason: "badSignature" });

    const verified: VerifiedSignatures = new Map();
    expect(verify(text, { verified, keys: publicKeysOf([otherRow]) })).toMatchObject({ ok: true });
    expect(verify(text, { verified, keys: new Map() })).toEqual({ ok: false, reason: "badSignature" });
  });
});

describe("Forged tokens are refused:", () => {
  test("unsigned ones (alg none)", () => {
    for (const alg of ["none", "None", "NONE"]) {
      expect(verify(`${segment({ alg, kid: "key-1" })}.${segment(payload)}.`)).toEqual({ ok: false, reason: "badSignature" });
    }
  });

  test("ones signed with the public key as if it were a shared secret (HS256)", () => {
    const statement = `${segment({ alg: "HS256", typ: "JWT", kid: "key-1" })}.${segment(payload)}`;
    for (const shared of [row.publicKey, createPublicKey(row.publicKey).export({ type: "spki", format: "der" })]) {
      const signature = createHmac("sha256", shared).update(statement).digest("base64url");
      expect(verify(`${statement}.${signature}`)).toEqual({ ok: false, reason: "badSignature" });
    }
  });

  test("ones whose claims were changed after signing", () => {
    const [header, , signature] = signToken(claims, key).split(".");
    expect(verify(`${header}.${segment(payload)}.${signature}`)).toEqual({ ok: false, reason: "badSignature" });
  });

  test("ones signed by us for another purpose", () => {
    const options = { algorithm: "ES256", keyid: "key-1" } as const;
    const { iss: _, ...withoutIssuer } = payload;
    expect(verify(jsonwebtoken.sign(withoutIssuer, key.privateKey, options))).toEqual({ ok: false, reason: "badSignature" });
    expect(verify(jsonwebtoken.sign({ ...payload, jti: "x" }, key.privateKey, options))).toEqual({ ok: false, reason: "malformed" });
  });

  test("and text that is no token", () => {
    expect(verify("")).toEqual({ ok: false, reason: "missing" });
    for (const text of ["x", "a.b.c", "..", `${"a".repeat(100_000)}.b.c`, "ey.ey.ey", "\u0000.\u0000.\u0000"]) {
      expect(verify(text)).toEqual({ ok: false, reason: "malformed" });
    }
  });
});

describe("The signing key", () => {
  test("cannot be opened with another SERAI_SECRET, and the message says which setting is wrong", () => {
    const open = () => openSigningKey(row, "another secret");
    expect(open).toThrow(AppError);
    expect(open).toThrow(/SERAI_SECRET/);
  });

  test("does not open when it was damaged or moved into another row", () => {
    expect(() => openSigningKey({ ...row, id: "key-2" }, secret)).toThrow(/SERAI_SECRET/);
    expect(() => openSigningKey({ ...row, privateKeyEncrypted: row.privateKeyEncrypted.slice(0, -4) }, secret)).toThrow(/SERAI_SECRET/);
    expect(() => openSigningKey({ ...row, privateKeyEncrypted: "" }, secret)).toThrow(/SERAI_SECRET/);
  });

  test("is not readable in the database", () => {
    expect(row.privateKeyEncrypted).not.toContain("PRIVATE");
  });

  test("made after a gateway started is known to it with the first token, and unknown ones cost one read a second", async () => {
    let known = publicKeysOf([]);
    let reads = 0;
    const verifier = await createVerifier(async () => {
      reads += 1;
      return known;
    });
    const text = signToken(claims, key);
    const options = { serviceId: claims.serviceId, isRevoked: () => false };
    expect(await verifier.verify(text, { ...options, now: issuedAt })).toMatchObject({ ok: false });

    known = keys;
    for (let count = 0; count < 10; count += 1) await verifier.verify(text, { ...options, now: issuedAt });
    expect(reads).toBe(2);
    expect(await verifier.verify(text, { ...options, now: new Date(issuedAt.getTime() + 1000) })).toMatchObject({ ok: true });
    expect(verifier.issued(text)).toBe(true);
    expect(verifier.issued("sk-somebody-elses-key")).toBe(false);
  });
});
