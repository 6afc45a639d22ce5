import { expect, test } from "vitest";
import { openSigner, openVerifier } from "../../server/auth/keys.ts";
import { newId } from "../../server/model/ids.ts";
import { testDatabase } from "../support/database.ts";

const claims = { tokenId: newId("token"), serviceId: newId("service"), issuedAt: new Date(), expiresAt: null };
const options = { serviceId: claims.serviceId, now: new Date(), isRevoked: () => false };

test("Processes that start at the same moment share one signing key, and every gateway accepts what each of them signs", async () => {
  await using database = await testDatabase();
  const verifier = await openVerifier(database);
  const signers = await Promise.all(Array.from({ length: 4 }, () => openSigner(database, "secret")));
  for (const signer of signers) expect(await verifier.verify(await signer.sign(claims), options)).toMatchObject({ ok: true });
  expect(await database.sql`select id from signing_keys`).toHaveLength(1);
});

test("Tokens stay good over a restart, and a restart with another SERAI_SECRET says that this is wrong", async () => {
  await using database = await testDatabase();
  const text = await (await openSigner(database, "secret")).sign(claims);
  await openSigner(database, "secret");
  expect(await (await openVerifier(database)).verify(text, options)).toMatchObject({ ok: true });
  await expect(openSigner(database, "another")).rejects.toMatchObject({ code: "CONFIG_INVALID", message: expect.stringContaining("SERAI_SECRET") });
});
