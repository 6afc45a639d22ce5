/**
 * The pair of files that TLS is spoken with. Both are read every two seconds, because what renews certificates replaces files, links or whole
 * directories; a pair that cannot be used is said once, and the last one stays. At the start it is a mistake in the settings.
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import { AppError, messageOf } from "../failure.ts";
import type { Log } from "../log.ts";

/** Both PEM; `cert` is the whole chain. */
export type CertificatePair = { readonly cert: string; readonly key: string };

export type Certificates = {
  current(): CertificatePair;
  /** Calls `use` for every new pair until what it returned is called. */
  follow(use: (pair: CertificatePair) => void): () => void;
};

export type CertificateFiles = { readonly certPath: string; readonly keyPath: string };

const lookEveryMs = 2000;

/** For whoever is given new pairs by somebody else. */
export function createCertificates(first: CertificatePair): Certificates & { replace(pair: CertificatePair): void } {
  const users = new Set<(pair: CertificatePair) => void>();
  let current = first;
  return {
    current: () => current,
    follow(use) {
      users.add(use);
      return () => users.delete(use);
    },
    replace(pair) {
      current = pair;
      for (const use of users) use(pair);
    },
  };
}

/** @throws AppError CONFIG_INVALID that names the file. */
export async function openCertificates(files: CertificateFiles, log: Log, everyMs = lookEveryMs): Promise<Certificates & Disposable> {
  const first = await read(files).catch((thrown: unknown) => {
    throw new AppError("CONFIG_INVALID", messageOf(thrown), { cause: thrown });
  });
  const certificates = createCertificates(first);
  let failedWith = "";
  let isAnnounced = false;

  async function look(): Promise<void> {
    try {
      const pair = await read(files);
      failedWith = "";
      const current = certificates.current();
      if (pair.cert === current.cert && pair.key === current.key) return;
      certificates.replace(pair);
      log.info(files, "TLS goes on with the new certificate");
    } catch (thrown) {
      const reason = messageOf(thrown);
      // Two files are not replaced at once: it has to be found twice.
      if (reason !== failedWith) isAnnounced = false;
      else if (!isAnnounced) {
        log.error({ reason }, "the new certificate cannot be used; TLS goes on with the last one");
        isAnnounced = true;
      }
      failedWith = reason;
    }
  }

  let looking = false;
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    void look().finally(() => (looking = false));
  }, everyMs);
  return { ...certificates, [Symbol.dispose]: () => clearInterval(timer) };
}

/** Rejects with what is wrong, and where. */
async function read({ certPath, keyPath }: CertificateFiles): Promise<CertificatePair> {
  const at = (setting: string, path: string, what: string) => (thrown: unknown) => {
    throw new Error(`${setting}: ${path} ${what}: ${messageOf(thrown)}`, { cause: thrown });
  };
  const certFailed = (what: string) => at("SERAI_GATEWAY_TLS_CERT", certPath, what);
  const keyFailed = (what: string) => at("SERAI_GATEWAY_TLS_KEY", keyPath, what);
  const cert = await readFile(certPath, "utf8").catch(certFailed("cannot be read"));
  const key = await readFile(keyPath, "utf8").catch(keyFailed("cannot be read"));
  const leaf = attempt(() => new X509Certificate(cert), certFailed("is no certificate in PEM"));
  const privateKey = attempt(() => createPrivateKey(key), keyFailed("is no private key in PEM without a passphrase"));
  if (!leaf.checkPrivateKey(privateKey)) throw new Error(`SERAI_GATEWAY_TLS_KEY: ${keyPath} is not the key of the certificate in ${certPath}`);
  attempt(() => createSecureContext({ cert, key }), certFailed("cannot be used for TLS"));
  return { cert, key };
}

function attempt<T>(make: () => T, failed: (thrown: unknown) => never): T {
  try {
    return make();
  } catch (thrown) {
    return failed(thrown);
  }
}
