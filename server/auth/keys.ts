/**
 * The installation's key pairs, shared through the database: the first is made by whichever process comes first, and the newest signs.
 * Those before it go on verifying until they retire, so that no client needs a new token on the day a key is replaced.
 *
 * Signing needs SERAI_SECRET; verifying does not, so a gateway runs without it. A verifier that meets a key id it does not know reads
 * the keys again (at most once a second): a gateway may start before the first key is made.
 */
import { createPrivateKey, generateKeyPairSync, randomBytes, scryptSync } from "node:crypto";
import { AppError } from "../failure.ts";
import type { Database } from "../store/database.ts";
import { insertSigningKey, readSigningKeys, replaceSigningKey, type NewSigningKey } from "../store/signing-keys.ts";
import { encryptionKeyBytes, encryptText, newSalt, readEncrypted, scryptCost } from "./encrypt.ts";
import { type SigningKey, signToken } from "./sign.ts";
import type { TokenClaims } from "./token.ts";
import { createVerifierOver, type PublicKeyRow, type Verifier } from "./verifier.ts";

/** A fixed name: of two processes that make it at once, one insert wins and both read the winner's. */
const firstKeyId = "key-1";

export type Signer = {
  /** With the newest key, whichever process has made it. */
  sign(claims: TokenClaims): Promise<string>;
  /** Makes a new key, which signs from now on. @param retireAfterSeconds of those before it; null: they verify on. */
  replaceKey(retireAfterSeconds: number | null): Promise<void>;
};

/** Throws CONFIG_INVALID where SERAI_SECRET is not the one that this installation was set up with. */
export async function openSigner(database: Database, secret: string): Promise<Signer> {
  let opened: SigningKey | null = null;
  async function newestKey(): Promise<SigningKey> {
    const row = (await readSigningKeys(database)).at(-1);
    if (row === undefined) throw new AppError("INTERNAL", "there is no signing key");
    if (opened?.id !== row.id) opened = openSigningKey(row, secret);
    return opened;
  }

  const isFirst = (await readSigningKeys(database)).length === 0;
  if (isFirst) await insertSigningKey(database, newKeyRow(firstKeyId, secret));
  await newestKey();
  return {
    sign: async (claims) => signToken(claims, await newestKey()),
    replaceKey: (retireAfterSeconds) => replaceSigningKey(database, newKeyRow(`key-${randomBytes(6).toString("hex")}`, secret), retireAfterSeconds),
  };
}

/** @param known keys to begin with, where the database does not answer; without any it has to. */
export const openVerifier = (database: Database, known: readonly PublicKeyRow[] = []): Promise<Verifier> =>
  createVerifierOver(() => readSigningKeys(database), known);

export function newKeyRow(id: string, secret: string): NewSigningKey {
  const pair = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const salt = newSalt();
  return { id, publicKey: pair.publicKey, privateKeyEncrypted: encryptText(pair.privateKey, id, salt, makeKey(secret, salt)) };
}

export function openSigningKey(row: NewSigningKey, secret: string): SigningKey {
  const encrypted = readEncrypted(row.privateKeyEncrypted);
  const plain = encrypted?.decrypt(row.id, makeKey(secret, encrypted.salt)) ?? null;
  if (plain === null) {
    const message =
      "SERAI_SECRET is not the one that this database's signing key was encrypted with; " +
      "set it to the value that this installation was first started with.";
    throw new AppError("CONFIG_INVALID", message, { publicMessage: message });
  }
  return { id: row.id, privateKey: createPrivateKey(plain) };
}

const makeKey = (secret: string, salt: Buffer): Buffer => scryptSync(secret, salt, encryptionKeyBytes, scryptCost);
