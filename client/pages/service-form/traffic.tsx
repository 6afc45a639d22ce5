/** How the gateway treats the service's requests. Folded: most services are well served by what it does for all. */
import { NumberInput, SegmentedControl, Switch, Textarea, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import type { ReactElement } from "react";
import { Fold } from "./fold.tsx";
import { trafficInWords } from "./traffic-words.ts";
import { usualTraffic, type ServiceValues, type TrafficValues } from "./values.ts";

const affinities: readonly { readonly value: TrafficValues["affinity"]; readonly label: string; readonly about: string }[] = [
  { value: "NONE", label: "By load", about: "Each request goes to the route that has the least to do." },
  {
    value: "HEADER",
    label: "By header",
    about: "Requests with the same value of a header go to the same route, while it is healthy and not overloaded.",
  },
  { value: "COOKIE", label: "By cookie", about: "Each browser stays on one route, which it is known by again with a cookie of the gateway." },
];

export function ServiceTraffic({ form }: { readonly form: UseFormReturnType<ServiceValues> }): ReactElement {
  const { traffic } = form.values;
  return (
    <Fold label="Traffic" isOpen={trafficInWords(traffic) !== null} errors={form.errors} holds={/^traffic/}>
      <SegmentedControl
        aria-label="Which route gets a request"
        data={affinities.map(({ value, label }) => ({ value, label }))}
        transitionDuration={0}
        {...form.getInputProps("traffic.affinity")}
      />
      <p className="soft">{affinities.find(({ value }) => value === traffic.affinity)?.about}</p>
      {traffic.affinity === "HEADER" && (
        <TextInput label="Header" placeholder="X-Session-Id" autoComplete="off" spellCheck={false} {...form.getInputProps("traffic.header")} />
      )}
      <div className="pair">
        <NumberInput
          label="First byte"
          description="Seconds until an answer must begin"
          placeholder={`Default: ${usualTraffic.firstByteTimeoutSeconds}`}
          min={1}
          allowDecimal={false}
          {...form.getInputProps("traffic.firstByteTimeoutSeconds")}
        />
        <NumberInput
          label="Pause"
          description="Seconds that an answer may pause"
          placeholder="Default: no limit"
          min={1}
          allowDecimal={false}
          {...form.getInputProps("traffic.idleTimeoutSeconds")}
        />
      </div>
      <Textarea
        label="Allowed addresses"
        description="Addresses and networks that may call, one a line"
        placeholder="All may call"
        autosize
        minRows={1}
        maxRows={6}
        spellCheck={false}
        styles={{ input: { fontFamily: "var(--mono)", fontSize: "0.8125rem" } }}
        {...form.getInputProps("traffic.addresses")}
      />
      <Switch
        label="Pass the token on"
        description="The model gets the Authorization or X-API-Key header that its clients send"
        {...form.getInputProps("traffic.passAuthorization", { type: "checkbox" })}
      />
    </Fold>
  );
}
