/** Keys to private endpoints. The secret is a signed statement and is stored nowhere: a copy signs the same claims again. */
import { z } from "zod";
import { asId, type TokenId } from "../server/model/ids.ts";
import { notFound } from "../server/model/problem.ts";
import { tokenName } from "../server/model/service-spec.ts";
import { tokenLimits } from "../server/model/token-limits.ts";
import { copyToken, createToken, modifyToken, readTokens, revokeToken, type TokenRow } from "../server/store/tokens.ts";
import { builder, gathering } from "./builder.ts";
import type { Context } from "./context.ts";
import { checkInput, refusals, valueOf } from "./errors.ts";

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
    requestsPerMinute: t.exposeInt("requestsPerMinute", { nullable: true, description: "At most, over all gateways; null: as many as come." }),
    concurrentRequests: t.exposeInt("concurrentRequests", { nullable: true, description: "At most at the same time; null: as many as come." }),
  }),
});

const secretOf = ({ signer }: Context, token: TokenRow): Promise<string> =>
  signer.sign({ tokenId: token.id, serviceId: token.serviceId, issuedAt: token.createdAt, expiresAt: token.expiresAt });
const who = ({ viewer }: Context) => ({ projectId: viewer.project.id, userId: viewer.user.id });
const tokenIdOf = (id: string): TokenId => asId("token", id) ?? valueOf(notFound(`token ${id}`));

const CreateTokenInput = builder.inputType("CreateTokenInput", {
  description: "`expiresAt` absent or null: never. A limit that is absent or null: as many requests as come.",
  fields: (t) => ({
    serviceId: t.id({ required: true }),
    name: t.string(),
    expiresAt: t.field({ type: "DateTime" }),
    requestsPerMinute: t.int(),
    concurrentRequests: t.int(),
  }),
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
      const { name, expiresAt = null, requestsPerMinute = null, concurrentRequests = null } = input;
      const given = { name: name ?? "token", expiresAt, requestsPerMinute, concurrentRequests };
      const wish = valueOf(checkInput(z.object({ name: tokenName, expiresAt: future, ...tokenLimits }), given));
      const serviceId = asId("service", input.serviceId) ?? valueOf(notFound(`service ${input.serviceId}`));
      const token = valueOf(await createToken(context.database, who(context), { serviceId, ...wish }));
      return { token, secret: await secretOf(context, token) };
    },
  }),
);

const ModifyTokenInput = builder.inputType("ModifyTokenInput", {
  description: "What is absent stays as it is; a limit that is null is taken away. When it expires is part of what was signed, and stays.",
  fields: (t) => ({ id: t.id({ required: true }), name: t.string(), requestsPerMinute: t.int(), concurrentRequests: t.int() }),
});
const ModifyTokenSuccess = builder.objectRef<{ token: TokenRow }>("ModifyTokenSuccess").implement({
  fields: (t) => ({ token: t.expose("token", { type: Token }) }),
});

builder.mutationField("modifyToken", (t) =>
  t.field({
    type: ModifyTokenSuccess,
    errors: refusals,
    args: { input: t.arg({ type: ModifyTokenInput, required: true }) },
    resolve: async (_root, { input: { id, ...given } }, context) => {
      const wish = z.object({ name: z.string("must not be null").pipe(tokenName), ...tokenLimits }).partial();
      const change = valueOf(checkInput(wish, given as z.input<typeof wish>));
      return { token: valueOf(await modifyToken(context.database, who(context), tokenIdOf(id), change)) };
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
      return { secret: await secretOf(context, token) };
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
