import { rename, writeFile } from "node:fs/promises";
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { type CertificatePair, openCertificates } from "../../server/gateway/certificates.ts";
import { silentLog } from "../../server/log.ts";
import { makeCertificate } from "../support/certificate.ts";

const lookEveryMs = 20;

async function openScene() {
  const made = await makeCertificate();
  const other = await makeCertificate();
  const said: { level: number; msg: string; reason?: string }[] = [];
  const log = pino({}, { write: (line: string) => void said.push(JSON.parse(line) as (typeof said)[number]) });
  const certificates = await openCertificates(made, log, lookEveryMs);
  onTestFinished(async () => {
    certificates[Symbol.dispose]();
    await made[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
  });
  return { made, other, certificates, said };
}

test("A pair of files that is replaced is followed, also one file after the other", async () => {
  const { made, other, certificates, said } = await openScene();
  const pairs: CertificatePair[] = [];
  const leave = certificates.follow((pair) => pairs.push(pair));
  await rename(other.certPath, made.certPath);
  await rename(other.keyPath, made.keyPath);
  await expect.poll(() => certificates.current().cert).toBe(other.cert);
  expect(pairs).toEqual([{ cert: other.cert, key: other.key }]);
  expect(said.at(-1)).toMatchObject({ msg: "TLS goes on with the new certificate" });
  leave();
  await writeFile(made.certPath, made.cert);
  await writeFile(made.keyPath, made.key);
  await expect.poll(() => certificates.current().cert).toBe(made.cert);
  expect(pairs).toHaveLength(1);
});

test("A new pair that cannot be used is said in one sentence, once, and the last one stays", async () => {
  const { made, other, certificates, said } = await openScene();
  await writeFile(made.keyPath, other.key);
  await expect.poll(() => said.length).toBe(1);
  expect(said[0]?.reason).toBe(`SERAI_GATEWAY_TLS_KEY: ${made.keyPath} is not the key of the certificate in ${made.certPath}`);
  await writeFile(made.certPath, "nonsense");
  await expect.poll(() => said.length).toBe(2);
  expect(said[1]?.reason).toMatch(`SERAI_GATEWAY_TLS_CERT: ${made.certPath} is no certificate in PEM`);
  expect(certificates.current().cert).toBe(made.cert);
  await writeFile(made.certPath, other.cert);
  await expect.poll(() => certificates.current().cert).toBe(other.cert);
  expect(said).toHaveLength(3);
});

test("At the start a pair that cannot be used is a mistake in the settings that names the file", async () => {
  await using made = await makeCertificate();
  await using other = await makeCertificate();
  const opening = (certPath: string, keyPath: string) => openCertificates({ certPath, keyPath }, silentLog);
  await expect(opening("/nowhere/cert.pem", made.keyPath)).rejects.toThrow("SERAI_GATEWAY_TLS_CERT: /nowhere/cert.pem cannot be read: ENOENT");
  await expect(opening(made.certPath, "/nowhere/key.pem")).rejects.toThrow("SERAI_GATEWAY_TLS_KEY: /nowhere/key.pem cannot be read");
  await expect(opening(made.certPath, made.certPath)).rejects.toThrow(`SERAI_GATEWAY_TLS_KEY: ${made.certPath} is no private key in PEM`);
  await expect(opening(made.certPath, other.keyPath)).rejects.toMatchObject({ code: "CONFIG_INVALID" });
});
