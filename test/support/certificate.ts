/** A certificate for `service.test` and 127.0.0.1 that signs itself, in two files. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { CertificateFiles, CertificatePair } from "../../server/gateway/certificates.ts";

const run = promisify(execFile);
const names = "subjectAltName=DNS:service.test,DNS:localhost,IP:127.0.0.1";

export type MadeCertificate = CertificatePair & CertificateFiles & AsyncDisposable;

export async function makeCertificate(): Promise<MadeCertificate> {
  const directory = await mkdtemp(join(tmpdir(), "serai-certificate-"));
  const [certPath, keyPath] = [join(directory, "cert.pem"), join(directory, "key.pem")];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", keyPath];
  await run("openssl", ["req", "-x509", ...key, "-out", certPath, "-days", "2", "-subj", "/CN=service.test", "-addext", names]);
  return {
    certPath,
    keyPath,
    cert: await readFile(certPath, "utf8"),
    key: await readFile(keyPath, "utf8"),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}
