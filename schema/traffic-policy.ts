/** How the gateway treats the requests of a service: read and written in the same shape. */
import {
  affinityKinds,
  defaultTrafficPolicy,
  type TrafficAffinity as AffinityValue,
  type TrafficPolicy as PolicyValue,
} from "../server/model/traffic-policy.ts";
import { builder } from "./builder.ts";
import { orDefault, present } from "./absent.ts";

const TrafficAffinityKind = builder.enumType("TrafficAffinityKind", {
  values: {
    HEADER: { description: "Requests with the same value of a header." },
    COOKIE: { description: "Requests with the same cookie, which the gateway gives to whoever has none." },
  } satisfies Record<(typeof affinityKinds)[number], unknown>,
});

const header = "Its name, with HEADER";

const TrafficAffinity = builder.objectRef<AffinityValue>("TrafficAffinity").implement({
  description: "Which requests go to the same route, while it is healthy and not overloaded.",
  fields: (t) => ({
    by: t.expose("by", { type: TrafficAffinityKind }),
    header: t.string({
      nullable: true,
      description: `${header}; else null.`,
      resolve: (affinity) => (affinity.by === "HEADER" ? affinity.header : null),
    }),
  }),
});

const firstByte = "How long a route may take to begin its answer, from when the request has been sent";
const idle = "How long an answer may pause before it is cut";
const addresses = "Addresses and networks that may call, such as `10.0.0.0/8` or `2001:db8::/32`";
const pass = "The token that clients send reaches the model";

export const TrafficPolicy = builder.objectRef<PolicyValue>("TrafficPolicy").implement({
  description: "How the gateway treats the requests of a service. A change holds from the next request on, and concerns no session.",
  fields: (t) => ({
    affinity: t.expose("affinity", { type: TrafficAffinity, nullable: true, description: "Null: load alone decides." }),
    firstByteTimeoutSeconds: t.exposeInt("firstByteTimeoutSeconds", { description: `${firstByte}.` }),
    idleTimeoutSeconds: t.exposeInt("idleTimeoutSeconds", { nullable: true, description: `${idle}; null: for as long as both sides want.` }),
    allowedAddresses: t.stringList({ description: `${addresses}; none: all may.`, resolve: (policy) => [...policy.allowedAddresses] }),
    passAuthorization: t.exposeBoolean("passAuthorization", { description: `${pass}.` }),
  }),
});

const TrafficAffinityInput = builder.inputType("TrafficAffinityInput", {
  fields: (t) => ({
    by: t.field({ type: TrafficAffinityKind, required: true }),
    header: t.string({ description: `${header}.` }),
  }),
});

export const TrafficPolicyInput = builder.inputType("TrafficPolicyInput", {
  description: "What is absent stays as it is, which for a new service is the default; null resets to the default.",
  fields: (t) => ({
    affinity: t.field({ type: TrafficAffinityInput, description: "Which requests go to the same route. Default: load alone decides." }),
    firstByteTimeoutSeconds: t.int({ description: `${firstByte}. Default: ${defaultTrafficPolicy.firstByteTimeoutSeconds}.` }),
    idleTimeoutSeconds: t.int({ description: `${idle}. Default: for as long as both sides want.` }),
    allowedAddresses: t.stringList({ description: `${addresses}. Default: all may.` }),
    passAuthorization: t.boolean({ description: `${pass}. Default: false.` }),
  }),
});

type Given = typeof TrafficPolicyInput.$inferInput | null | undefined;

export function trafficOf(given: Given): Partial<PolicyValue> | undefined {
  if (given === undefined) return undefined;
  if (given === null) return defaultTrafficPolicy;
  const part = <Name extends keyof PolicyValue>(name: Name, value: PolicyValue[Name] | null | undefined) =>
    orDefault(value, defaultTrafficPolicy[name]);
  return present({
    affinity: given.affinity == null ? given.affinity : affinityOf(given.affinity),
    firstByteTimeoutSeconds: part("firstByteTimeoutSeconds", given.firstByteTimeoutSeconds),
    idleTimeoutSeconds: given.idleTimeoutSeconds,
    allowedAddresses: part("allowedAddresses", given.allowedAddresses),
    passAuthorization: part("passAuthorization", given.passAuthorization),
  });
}

/** What does not fit together is refused by the check of the whole. */
const affinityOf = ({ by, header: name }: typeof TrafficAffinityInput.$inferInput) => (name == null ? { by } : { by, header: name }) as AffinityValue;
