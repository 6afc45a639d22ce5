/**
 * Private keys at rest: AES-256-GCM under a key that scrypt makes of SERAI_SECRET, which may be a passphrase.
 * The text is `v1.<salt>.<nonce>.<tag>.<ciphertext>`, base64url; the key's id is authenticated with it, so that one row's private
 * half cannot be moved into another row.
 */
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto";

const cipher = "aes-256-gcm";
const version = "v1";

export function encryptPrivateKey(plain: string, secret: string, keyId: string): string {
  const salt = randomBytes(16);
  const nonce = randomBytes(12);
  const encryption = createCipheriv(cipher, encryptionKey(secret, salt), nonce).setAAD(Buffer.from(keyId));
  const encrypted = Buffer.concat([encryption.update(plain, "utf8"), encryption.final()]);
  return [version, ...[salt, nonce, encryption.getAuthTag(), encrypted].map((part) => part.toString("base64url"))].join(".");
}

/** Null where the secret is another one than it was encrypted with, or the text was damaged. */
export function decryptPrivateKey(text: string, secret: string, keyId: string): string | null {
  const [textVersion, ...parts] = text.split(".");
  const [salt, nonce, tag, encrypted] = parts.map((part) => Buffer.from(part, "base64url"));
  if (textVersion !== version || salt === undefined || nonce === undefined || tag === undefined || encrypted === undefined) return null;
  try {
    const decryption = createDecipheriv(cipher, encryptionKey(secret, salt), nonce, { authTagLength: 16 });
    decryption.setAAD(Buffer.from(keyId)).setAuthTag(tag);
    return Buffer.concat([decryption.update(encrypted), decryption.final()]).toString("utf8");
  } catch {
    return null;
  }
}

/** About 50 ms, once per process. */
function encryptionKey(secret: string, salt: Buffer): Buffer {
  return scryptSync(secret, salt, 32, { N: 16_384, r: 8, p: 1 });
}
