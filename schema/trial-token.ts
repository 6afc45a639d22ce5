/** A key for the console's own calls: signed for whoever may manage the service, and over before it is worth revoking. */
import { recordTrialToken } from "../server/store/trial-token.ts";
import { builder } from "./builder.ts";
import { refusals, valueOf } from "./errors.ts";
import { serviceIdOf, whoAsks } from "./service-success.ts";

const trialMinutes = 10;

const CreateTrialTokenInput = builder.inputType("CreateTrialTokenInput", { fields: (t) => ({ serviceId: t.id({ required: true }) }) });
const CreateTrialTokenSuccess = builder.objectRef<{ secret: string; expiresAt: Date }>("CreateTrialTokenSuccess").implement({
  fields: (t) => ({ secret: t.exposeString("secret"), expiresAt: t.expose("expiresAt", { type: "DateTime" }) }),
});

builder.mutationField("createTrialToken", (t) =>
  t.field({
    type: CreateTrialTokenSuccess,
    errors: refusals,
    description: `For trying a service out: a token that lasts ${trialMinutes} minutes, is in no list and cannot be revoked. The service's events say who asked for it.`,
    args: { input: t.arg({ type: CreateTrialTokenInput, required: true }) },
    resolve: async (_root, { input }, context) => {
      const serviceId = serviceIdOf(input.serviceId);
      const tokenId = valueOf(await recordTrialToken(context.database, whoAsks(context), serviceId, trialMinutes));
      const issuedAt = new Date();
      const expiresAt = new Date(issuedAt.getTime() + trialMinutes * 60_000);
      return { secret: await context.signer.sign({ tokenId, serviceId, issuedAt, expiresAt }), expiresAt };
    },
  }),
);
