/** The names of what a policy does: rolling, canary and blue-green are settings of one shape. Pure. */
import { inOneUnit } from "../../parts/duration.ts";
import type { RolloutPromote } from "../../gql/graphql.ts";
import { rolling, type RolloutValues } from "./values.ts";

export type Preset = "rolling" | "canary" | "blue-green";

export const presets: Readonly<Record<Preset, { readonly label: string; readonly about: string; readonly values: RolloutValues }>> = {
  rolling: { label: "Rolling", about: "New routes take the place of old ones, one after another, each when it is healthy.", values: rolling },
  canary: {
    label: "Canary",
    about: "First a share of the requests goes to the new revision; step by step it gets more, and then all of them.",
    values: {
      ...rolling,
      steps: [
        { weight: 10, holdSeconds: 300 },
        { weight: 50, holdSeconds: 300 },
      ],
    },
  },
  "blue-green": {
    label: "Blue-green",
    about: "The new revision stands beside the old one, complete and without requests, until somebody promotes it.",
    values: { ...rolling, maxSurge: "100%", isByHand: true },
  },
};

export const presetOf = ({ steps, isByHand }: RolloutValues): Preset => (steps.length > 0 ? "canary" : isByHand ? "blue-green" : "rolling");

type Policy = {
  readonly maxSurge: number | string;
  readonly maxUnavailable: number | string;
  readonly steps: readonly { readonly weight: number; readonly holdSeconds: number }[];
  readonly promote: RolloutPromote;
};

export const valuesOfPolicy = ({ maxSurge, maxUnavailable, steps, promote }: Policy): RolloutValues => ({
  maxSurge: String(maxSurge),
  maxUnavailable: String(maxUnavailable),
  steps: steps.map(({ weight, holdSeconds }) => ({ weight, holdSeconds })),
  isByHand: promote === "MANUAL",
});

export function rolloutInWords(values: RolloutValues): string {
  const { maxSurge, maxUnavailable, steps, isByHand } = values;
  const held = steps.map(({ weight, holdSeconds }) => `${weight}% for ${inOneUnit(Number(holdSeconds))}`);
  const parts = [
    ...held,
    `${maxSurge} extra ${maxSurge === "1" ? "route" : "routes"}`,
    ...(maxUnavailable === "0" || maxUnavailable === "0%" ? [] : [`${maxUnavailable} missing`]),
    ...(isByHand ? ["promoted by hand"] : []),
  ];
  return `${presets[presetOf(values)].label}: ${parts.join(", ")}`;
}
