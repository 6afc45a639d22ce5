/** Conditions and preferences, in Nomad's words. */
import { constraintOperators, type Affinity as AffinityValue, type Constraint as ConstraintValue } from "../server/model/constraint.ts";
import { builder } from "./builder.ts";

/** Nomad writes them as signs, which no name in GraphQL can be. */
const about = `One of Nomad's: ${constraintOperators.join(", ")}.`;

export const Constraint = builder.objectRef<ConstraintValue>("Constraint").implement({
  fields: (t) => ({
    attribute: t.exposeString("attribute"),
    operator: t.exposeString("operator", { description: about }),
    value: t.exposeString("value", { description: "Empty for is_set and is_not_set." }),
  }),
});

export const Affinity = builder.objectRef<AffinityValue>("Affinity").implement({
  fields: (t) => ({
    attribute: t.exposeString("attribute"),
    operator: t.exposeString("operator"),
    value: t.exposeString("value"),
    weight: t.exposeInt("weight"),
  }),
});

export const ConstraintInput = builder.inputType("ConstraintInput", {
  description: "What must be so of a machine or a device.",
  fields: (t) => ({
    attribute: t.string({ required: true, description: "As Nomad writes it: `${device.attr.cuda_cores}`, `${attr.cpu.arch}`, `${meta.rack}`." }),
    operator: t.string({ required: true, description: about }),
    value: t.string({ description: "Absent for is_set and is_not_set." }),
  }),
});

export const AffinityInput = builder.inputType("AffinityInput", {
  description: "What is preferred, without being a must.",
  fields: (t) => ({
    attribute: t.string({ required: true }),
    operator: t.string({ required: true, description: about }),
    value: t.string(),
    weight: t.int({ required: true, description: "-100 to 100: how much it is preferred, or avoided." }),
  }),
});

type Given = { readonly attribute: string; readonly operator: string; readonly value?: string | null | undefined };

/** The operator is checked with the rest. */
export const constraintOf = ({ attribute, operator, value }: Given): ConstraintValue => ({
  attribute,
  operator: operator as ConstraintValue["operator"],
  value: value ?? "",
});
