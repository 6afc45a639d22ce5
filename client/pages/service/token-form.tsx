/** What a token is called and how much may be asked with it: the fields of a new one and of one that is modified. */
import { NumberInput, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import type { ReactElement } from "react";

export type Limit = number | string;
export type TokenValues = { readonly name: string; readonly requestsPerMinute: Limit; readonly concurrentRequests: Limit };

export const noLimits = { requestsPerMinute: "", concurrentRequests: "" } satisfies Partial<TokenValues>;
export const tokenFields = ["name", "requestsPerMinute", "concurrentRequests"];

const limitProblem = (value: Limit, max: number): string | null =>
  value === "" || (Number.isInteger(Number(value)) && Number(value) >= 1 && Number(value) <= max)
    ? null
    : `A whole number from 1 to ${max.toLocaleString("en")}, or empty for no limit.`;

export const validateToken = {
  name: (name: string) => (name.trim() === "" ? "Give the token a name, for instance of who will use it." : null),
  requestsPerMinute: (value: Limit) => limitProblem(value, 1_000_000),
  concurrentRequests: (value: Limit) => limitProblem(value, 100_000),
};

const limitOf = (value: Limit): number | null => (value === "" ? null : Number(value));

export const tokenInputOf = ({ name, requestsPerMinute, concurrentRequests }: TokenValues) => ({
  name: name.trim(),
  requestsPerMinute: limitOf(requestsPerMinute),
  concurrentRequests: limitOf(concurrentRequests),
});

/** "60 a minute, 4 at once"; null where there are no limits. */
export function limitWords(token: { readonly requestsPerMinute: number | null; readonly concurrentRequests: number | null }): string | null {
  const { requestsPerMinute, concurrentRequests } = token;
  const words = [
    ...(requestsPerMinute === null ? [] : [`${requestsPerMinute.toLocaleString("en")} a minute`]),
    ...(concurrentRequests === null ? [] : [`${concurrentRequests.toLocaleString("en")} at once`]),
  ];
  return words.length === 0 ? null : words.join(", ");
}

export const TokenName = ({ form }: { readonly form: Pick<UseFormReturnType<TokenValues>, "getInputProps"> }): ReactElement => (
  <TextInput
    label="Name"
    description="Shown in the list, so that it can be told apart"
    autoComplete="off"
    data-autofocus
    {...form.getInputProps("name")}
  />
);

export const TokenLimits = ({ form }: { readonly form: Pick<UseFormReturnType<TokenValues>, "getInputProps"> }): ReactElement => (
  <div className="line" style={{ alignItems: "flex-start", flexWrap: "wrap" }}>
    <NumberInput
      label="Requests per minute"
      placeholder="No limit"
      min={1}
      allowDecimal={false}
      style={{ flex: "1 1 200px" }}
      {...form.getInputProps("requestsPerMinute")}
    />
    <NumberInput
      label="Requests at once"
      placeholder="No limit"
      min={1}
      allowDecimal={false}
      style={{ flex: "1 1 200px" }}
      {...form.getInputProps("concurrentRequests")}
    />
  </div>
);
