/**
 * Secret variables of services and passwords of image registries at rest: AES-256-GCM under a key that scrypt makes of SERAI_SECRET,
 * which may be a passphrase. The text is `v1.<salt>.<nonce>.<tag>.<ciphertext>`, base64url; whose it is (project and name, or host) is
 * authenticated with it, so that nobody who can write rows makes Serai hand one variable's value out under another name, or one
 * registry's password to another.
 *
 * Making a key takes about 50 ms, so each process encrypts with one salt and remembers the keys of the salts it has met: not one
 * per value, of which a service may have 256.
 */
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from "node:crypto";
import { promisify } from "node:util";
import type { ProjectId } from "../model/ids.ts";

const cipher = "aes-256-gcm";
const version = "v1";
const keysMax = 1000;

export type VariableSecrets = {
  encrypt(projectId: ProjectId, name: string, value: string): Promise<string>;
  /** Null where SERAI_SECRET is another one than it was encrypted with, or the text was damaged. */
  decrypt(projectId: ProjectId, name: string, encrypted: string): Promise<string | null>;
  encryptPassword(host: string, password: string): Promise<string>;
  /** Null likewise. */
  decryptPassword(host: string, encrypted: string): Promise<string | null>;
};

/** @param secret asked for when the first value needs it: a process that meets none need not have it. */
export function createVariableSecrets(secret: () => string): VariableSecrets {
  const keys = new Map<string, Promise<Buffer>>();
  const keyOf = (salt: Buffer): Promise<Buffer> => {
    const name = salt.toString("base64url");
    const known = keys.get(name) ?? makeKey(secret(), salt);
    keys.delete(name);
    keys.set(name, known);
    for (const [oldest] of keys) if (keys.size > keysMax) keys.delete(oldest);
    return known;
  };
  const ownSalt = randomBytes(16);
  async function encrypt(owner: Buffer, value: string): Promise<string> {
    const nonce = randomBytes(12);
    const encryption = createCipheriv(cipher, await keyOf(ownSalt), nonce).setAAD(owner);
    const encrypted = Buffer.concat([encryption.update(value, "utf8"), encryption.final()]);
    return [version, ...[ownSalt, nonce, encryption.getAuthTag(), encrypted].map((part) => part.toString("base64url"))].join(".");
  }
  async function decrypt(owner: Buffer, text: string): Promise<string | null> {
    const [textVersion, ...parts] = text.split(".");
    const [salt, nonce, tag, encrypted] = parts.map((part) => Buffer.from(part, "base64url"));
    if (textVersion !== version || salt === undefined || nonce === undefined || tag === undefined || encrypted === undefined) return null;
    const key = await keyOf(salt);
    try {
      const decryption = createDecipheriv(cipher, key, nonce, { authTagLength: 16 });
      decryption.setAAD(owner).setAuthTag(tag);
      return Buffer.concat([decryption.update(encrypted), decryption.final()]).toString("utf8");
    } catch {
      return null;
    }
  }
  return {
    encrypt: (projectId, name, value) => encrypt(variable(projectId, name), value),
    decrypt: (projectId, name, text) => decrypt(variable(projectId, name), text),
    encryptPassword: (host, password) => encrypt(registry(host), password),
    decryptPassword: (host, text) => decrypt(registry(host), text),
  };
}

const variable = (projectId: ProjectId, name: string): Buffer => Buffer.from(`variable ${projectId} ${name}`);
const registry = (host: string): Buffer => Buffer.from(`registry ${host}`);

const makeKey = (secret: string, salt: Buffer): Promise<Buffer> =>
  promisify<string, Buffer, number, object, Buffer>(scrypt)(secret, salt, 32, { N: 16_384, r: 8, p: 1 });
