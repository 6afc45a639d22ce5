/** The keys that sign tokens of endpoints, for administrators: which there are, and replacing the one that signs. */
import { z } from "zod";
import { readSigningKeys, type SigningKeyRow } from "../server/store/signing-keys.ts";
import { builder } from "./builder.ts";
import type { Context } from "./context.ts";
import { adminRefusals, checkInput, onlyAdministrators, valueOf } from "./errors.ts";

type ListedKey = SigningKeyRow & { readonly signs: boolean };

const SigningKey = builder.objectRef<ListedKey>("SigningKey").implement({
  description: "Signs tokens of endpoints, or verifies what it has signed.",
  fields: (t) => ({
    id: t.exposeID("id", { description: "The `kid` of the tokens that it has signed." }),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
    signs: t.exposeBoolean("signs", { description: "The newest one: new tokens, and copies of old ones, are signed by it." }),
    retiresAt: t.expose("retiresAt", {
      type: "DateTime",
      nullable: true,
      description: "From then on, what it has signed opens nothing any more. Null: it goes on verifying.",
    }),
  }),
});

async function listKeys({ database }: Context): Promise<ListedKey[]> {
  const rows = await readSigningKeys(database);
  return rows.map((row, index) => ({ ...row, signs: index === rows.length - 1 })).toReversed();
}

builder.queryField("signingKeys", (t) =>
  t.field({
    type: [SigningKey],
    nullable: true,
    description: "Newest first. Null for whoever is no administrator.",
    resolve: (_root, _args, context) => (context.viewer.user.role === "ADMIN" ? listKeys(context) : null),
  }),
);

const ReplaceSigningKeyInput = builder.inputType("ReplaceSigningKeyInput", {
  fields: (t) => ({
    retireAfterSeconds: t.int({
      description:
        "For how long those before it go on verifying: 0 where one of them has leaked, which ends all tokens that were not copied anew. Absent or null: until they are replaced again.",
    }),
  }),
});
const ReplaceSigningKeySuccess = builder.objectRef<{ signingKeys: ListedKey[] }>("ReplaceSigningKeySuccess").implement({
  fields: (t) => ({ signingKeys: t.expose("signingKeys", { type: [SigningKey] }) }),
});

const yearSeconds = 365 * 86_400;
const retireAfterSeconds = z.int().min(0, "must be 0 or more").max(yearSeconds, `must be ${yearSeconds} seconds (a year) or less`).nullable();

builder.mutationField("replaceSigningKey", (t) =>
  t.field({
    type: ReplaceSigningKeySuccess,
    description: "For administrators. A new key signs from now on.",
    errors: adminRefusals,
    args: { input: t.arg({ type: ReplaceSigningKeyInput, required: true }) },
    resolve: async (_root, { input }, context) => {
      onlyAdministrators(context);
      const wish = valueOf(checkInput(z.object({ retireAfterSeconds }), { retireAfterSeconds: input.retireAfterSeconds ?? null }));
      await context.signer.replaceKey(wish.retireAfterSeconds);
      return { signingKeys: await listKeys(context) };
    },
  }),
);
