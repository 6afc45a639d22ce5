/**
 * Secret variables of services and passwords of image registries at rest. Whose each is (project and name, or host) is authenticated with
 * it: nobody who can write rows makes Serai hand one variable's value out under another name, or one registry's password to another.
 *
 * Making a key takes about 50 ms, so each process encrypts with one salt and remembers the keys of the salts it has met: not one
 * per value, of which a service may have 256.
 */
import { scrypt } from "node:crypto";
import { promisify } from "node:util";
import type { ProjectId } from "../model/ids.ts";
import { encryptionKeyBytes, encryptText, newSalt, readEncrypted, scryptCost } from "./encrypt.ts";

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
  const ownSalt = newSalt();
  const encrypt = async (owner: string, value: string): Promise<string> => encryptText(value, owner, ownSalt, await keyOf(ownSalt));
  const decrypt = async (owner: string, text: string): Promise<string | null> => {
    const encrypted = readEncrypted(text);
    return encrypted?.decrypt(owner, await keyOf(encrypted.salt)) ?? null;
  };
  return {
    encrypt: (projectId, name, value) => encrypt(variable(projectId, name), value),
    decrypt: (projectId, name, text) => decrypt(variable(projectId, name), text),
    encryptPassword: (host, password) => encrypt(registry(host), password),
    decryptPassword: (host, text) => decrypt(registry(host), text),
  };
}

const variable = (projectId: ProjectId, name: string): string => `variable ${projectId} ${name}`;
const registry = (host: string): string => `registry ${host}`;

const makeKey = (secret: string, salt: Buffer): Promise<Buffer> =>
  promisify<string, Buffer, number, object, Buffer>(scrypt)(secret, salt, encryptionKeyBytes, scryptCost);
