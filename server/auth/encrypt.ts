/**
 * Texts at rest: AES-256-GCM under a key that scrypt makes of SERAI_SECRET, which may be a passphrase. What is kept is
 * `v1.<salt>.<nonce>.<tag>.<ciphertext>`, base64url; whose it is is authenticated with it, so that nobody who can write rows moves what is
 * one owner's into another's row.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

const cipher = "aes-256-gcm";
const version = "v1";

/** For `scrypt`, which takes about 50 ms with it. */
export const scryptCost = { N: 16_384, r: 8, p: 1 };
export const encryptionKeyBytes = 32;

export const newSalt = (): Buffer => randomBytes(16);

/** @param key of the salt */
export function encryptText(plain: string, owner: string, salt: Buffer, key: Buffer): string {
  const nonce = randomBytes(12);
  const encryption = createCipheriv(cipher, key, nonce).setAAD(Buffer.from(owner));
  const content = Buffer.concat([encryption.update(plain, "utf8"), encryption.final()]);
  return [version, ...[salt, nonce, encryption.getAuthTag(), content].map((part) => part.toString("base64url"))].join(".");
}

export type Encrypted = {
  readonly salt: Buffer;
  /** Null where the key is another one than it was encrypted with, the owner too, or the text was damaged. */
  decrypt(owner: string, key: Buffer): string | null;
};

/** Null where it is no such text. */
export function readEncrypted(text: string): Encrypted | null {
  const [textVersion, ...parts] = text.split(".");
  const [salt, nonce, tag, content] = parts.map((part) => Buffer.from(part, "base64url"));
  if (textVersion !== version || salt === undefined || nonce === undefined || tag === undefined || content === undefined) return null;
  return {
    salt,
    decrypt: (owner, key) => {
      try {
        const decryption = createDecipheriv(cipher, key, nonce, { authTagLength: 16 });
        decryption.setAAD(Buffer.from(owner)).setAuthTag(tag);
        return Buffer.concat([decryption.update(content), decryption.final()]).toString("utf8");
      } catch {
        return null;
      }
    },
  };
}
