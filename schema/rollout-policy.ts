/** How a service goes from one revision to the next: read and written in the same shape. */
import { GraphQLError } from "graphql";
import type { RolloutPolicy as RolloutPolicyValue, RolloutStep as RolloutStepValue } from "../server/model/rollout.ts";
import { builder } from "./builder.ts";

builder.scalarType("RouteShare", {
  description: 'Of the desired routes: a number of them, `1`, or per cent of them, `"25%"`.',
  serialize: (value) => value,
  parseValue: (value) => {
    if (typeof value === "number" || typeof value === "string") return value;
    throw new GraphQLError('A RouteShare is a number of routes, such as 1, or per cent of the desired ones, such as "25%".');
  },
});

const RolloutPromote = builder.enumType("RolloutPromote", {
  values: {
    AUTO: { description: "It goes on by itself." },
    MANUAL: { description: "Its last step lasts until somebody promotes; without steps that is one without requests." },
  } as const,
});

const weight = "Per cent of the requests that the new revision gets.";
const holdSeconds = "How long the step lasts once its routes are healthy";
const maxSurge = "Routes that may be there besides the desired ones; per cent are rounded up";
const maxUnavailable = "Desired routes that may be missing on the way; per cent are rounded down";
const steps = "The new revision's shares of the requests, one after another, before it gets all of them";

const RolloutStep = builder.objectRef<RolloutStepValue>("RolloutStep").implement({
  fields: (t) => ({
    weight: t.exposeInt("weight", { description: weight }),
    holdSeconds: t.exposeInt("holdSeconds", { description: `${holdSeconds}.` }),
  }),
});

export const RolloutPolicy = builder.objectRef<RolloutPolicyValue>("RolloutPolicy").implement({
  description: "How a service goes from one revision to the next. Rolling, canary and blue-green are settings of it.",
  fields: (t) => ({
    maxSurge: t.expose("maxSurge", { type: "RouteShare", description: `${maxSurge}.` }),
    maxUnavailable: t.expose("maxUnavailable", { type: "RouteShare", description: `${maxUnavailable}.` }),
    steps: t.field({ type: [RolloutStep], description: `${steps}.`, resolve: (policy) => [...policy.steps] }),
    promote: t.expose("promote", { type: RolloutPromote }),
  }),
});

const RolloutStepInput = builder.inputType("RolloutStepInput", {
  fields: (t) => ({
    weight: t.int({ required: true, description: weight }),
    holdSeconds: t.int({ description: `${holdSeconds}; absent: 0.` }),
  }),
});

export const RolloutPolicyInput = builder.inputType("RolloutPolicyInput", {
  description: "What is absent stays as it is, which for a new service is the default; null resets to the default.",
  fields: (t) => ({
    maxSurge: t.field({ type: "RouteShare", description: `${maxSurge}. Default: 1.` }),
    maxUnavailable: t.field({ type: "RouteShare", description: `${maxUnavailable}. Default: 0.` }),
    steps: t.field({ type: [RolloutStepInput], description: `${steps}. Default: none.` }),
    promote: t.field({ type: RolloutPromote, description: "Default: AUTO." }),
  }),
});
