/** Checks tokens with the installation's public keys, whoever reads these. */
import { createPublicKey } from "node:crypto";
import type { SigningKeyRow } from "../store/signing-keys.ts";
import { keyIdOf, namesOurIssuer, type PublicKeys, type Verification, type VerifiedSignatures, verifyToken, type VerifyOptions } from "./verify.ts";

export type Verifier = {
  verify(text: string, options: Pick<VerifyOptions, "serviceId" | "now" | "isRevoked">): Promise<Verification>;
  /**
   * Does it say that this installation made it, whatever became of it since? Such a text is ours to keep from models; a model's own
   * token is not, also where it has a key of the same name.
   */
  issued(text: string): boolean;
  /** Keys may be new, or about to retire. */
  readKeysAgain(): Promise<void>;
};

export type PublicKeyRow = Pick<SigningKeyRow, "id" | "publicKey"> & Partial<Pick<SigningKeyRow, "retiresAt">>;

/** @param known keys to begin with, where they cannot be read; without any they have to be. */
export function createVerifierOver(readRows: () => Promise<readonly PublicKeyRow[]>, known: readonly PublicKeyRow[] = []): Promise<Verifier> {
  const readKeys = async () => publicKeysOf(await readRows());
  let isFirst = true;
  return createVerifier(() => {
    const keys = isFirst && known.length > 0 ? Promise.resolve(publicKeysOf(known)) : readKeys();
    isFirst = false;
    return keys;
  });
}

/** `readKeys` is asked at once, and again for a key id that is not known. */
export async function createVerifier(readKeys: () => Promise<PublicKeys>): Promise<Verifier> {
  const verified: VerifiedSignatures = new Map();
  let keys = await readKeys();
  let nextReadAtMs = 0;

  // Without the database, the keys known so far are the best there is.
  const readKeysAgain = async (): Promise<void> => void (keys = await readKeys().catch(() => keys));

  async function lookFor(now: Date): Promise<void> {
    if (now.getTime() < nextReadAtMs) return;
    nextReadAtMs = now.getTime() + 1000;
    await readKeysAgain();
  }

  return {
    async verify(text, options) {
      // A text that is remembered need not be taken apart.
      const keyId = verified.has(text) ? null : keyIdOf(text);
      if (keyId !== null && !keys.has(keyId)) await lookFor(options.now);
      return verifyToken(text, { ...options, keys, verified });
    },
    issued(text) {
      const keyId = keyIdOf(text);
      return keyId !== null && keys.has(keyId) && namesOurIssuer(text);
    },
    readKeysAgain,
  };
}

export function publicKeysOf(rows: readonly PublicKeyRow[]): PublicKeys {
  return new Map(rows.map(({ id, publicKey, retiresAt = null }) => [id, { key: createPublicKey(publicKey), retiresAt }]));
}
