/** Keys to private endpoints. The secret is a signed statement and is stored nowhere: a copy signs the same claims again. */
import { z } from "zod";
import { asId, type TokenId } from "../server/model/ids.ts";
import { notFound } from "../server/model/problem.ts";
import { tokenName } from "../server/model/service-spec.ts";
import { copyToken, createToken, readTokens, revokeToken, type TokenRow } from "../server/store/tokens.ts";
import { countTokenRequests } from "../server/store/traffic.ts";
import { builder, gathering } from "./builder.ts";
import type { Context } from "./context.ts";
import { gatherByParent } from "./gather.ts";
import { checkInput, refusals, valueOf } from "./errors.ts";

const loadRequests = gatherByParent(
  ({ database }, ids: readonly TokenId[]) => countTokenRequests(database, ids),
  ({ id }) => id,
);

export const Token = builder.loadableNode("Token", {
  id: { resolve: (token: TokenRow) => token.id },
  load: (ids: TokenId[], context): Promise<TokenRow[]> => readTokens(context.database, context.viewer.project.id, ids),
  toKey: (token: TokenRow) => token.id,
  sort: true,
  loaderOptions: gathering,
  fields: (t) => ({
    name: t.exposeString("name"),
    expiresAt: t.expose("expiresAt", { type: "DateTime", nullable: true, description: "Null: never." }),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
    revokedAt: t.expose("revokedAt", { type: "DateTime", nullable: true }),
    lastUsedAt: t.expose("lastUsedAt", { type: "DateTime", nullable: true }),
    requestsLastDay: t.float({
      description: "That it has let in within the last 24 hours, and that have ended.",
      resolve: async ({ id }, _args, context) => (await loadRequests(context, id))[0]?.requests ?? 0,
    }),
  }),
});

const secretOf = ({ signer }: Context, token: TokenRow): string =>
  signer.sign({ tokenId: token.id, serviceId: token.serviceId, issuedAt: token.createdAt, expiresAt: token.expiresAt });
const who = ({ viewer }: Context) => ({ projectId: viewer.project.id, userId: viewer.user.id });
const tokenIdOf = (id: string): TokenId => asId("token", id) ?? valueOf(notFound(`token ${id}`));

const CreateTokenInput = builder.inputType("CreateTokenInput", {
  description: "`expiresAt` absent or null: never.",
  fields: (t) => ({ serviceId: t.id({ required: true }), name: t.string(), expiresAt: t.field({ type: "DateTime" }) }),
});
const CreateTokenSuccess = builder.objectRef<{ token: TokenRow; secret: string }>("CreateTokenSuccess").implement({
  fields: (t) => ({ token: t.expose("token", { type: Token }), secret: t.exposeString("secret") }),
});

builder.mutationField("createToken", (t) =>
  t.field({
    type: CreateTokenSuccess,
    errors: refusals,
    args: { input: t.arg({ type: CreateTokenInput, required: true }) },
    resolve: async (_root, { input }, context) => {
      const future = z
        .date()
        .nullable()
        .refine((instant) => instant === null || instant.getTime() > Date.now(), "must be in the future");
      const wish = { name: input.name ?? "token", expiresAt: input.expiresAt ?? null };
      const { name, expiresAt } = valueOf(checkInput(z.object({ name: tokenName, expiresAt: future }), wish));
      const serviceId = asId("service", input.serviceId) ?? valueOf(notFound(`service ${input.serviceId}`));
      const token = valueOf(await createToken(context.database, who(context), { serviceId, name, expiresAt }));
      return { token, secret: secretOf(context, token) };
    },
  }),
);

const CopyTokenInput = builder.inputType("CopyTokenInput", { fields: (t) => ({ id: t.id({ required: true }) }) });
const CopyTokenSuccess = builder.objectRef<{ secret: string }>("CopyTokenSuccess").implement({
  fields: (t) => ({ secret: t.exposeString("secret") }),
});

builder.mutationField("copyToken", (t) =>
  t.field({
    type: CopyTokenSuccess,
    errors: refusals,
    args: { input: t.arg({ type: CopyTokenInput, required: true }) },
    resolve: async (_root, { input }, context) => {
      const token = valueOf(await copyToken(context.database, who(context), tokenIdOf(input.id)));
      return { secret: secretOf(context, token) };
    },
  }),
);

const RevokeTokenInput = builder.inputType("RevokeTokenInput", { fields: (t) => ({ id: t.id({ required: true }) }) });
const RevokeTokenSuccess = builder.objectRef<{ token: TokenRow }>("RevokeTokenSuccess").implement({
  fields: (t) => ({ token: t.expose("token", { type: Token }) }),
});

builder.mutationField("revokeToken", (t) =>
  t.field({
    type: RevokeTokenSuccess,
    errors: refusals,
    args: { input: t.arg({ type: RevokeTokenInput, required: true }) },
    resolve: async (_root, { input }, context) => ({
      token: valueOf(await revokeToken(context.database, who(context), tokenIdOf(input.id))),
    }),
  }),
);
