/**
 * Services as they change. Every read is one snapshot, reads follow each other, and each is sent only where it differs from
 * the one before: so the present state comes first, never an older one after a newer, and always the last.
 */
import { asId, type ServiceId } from "../server/model/ids.ts";
import { readServiceSnapshots, type ServiceSnapshot } from "../server/store/service-snapshot.ts";
import type { ChangeSet } from "../server/store/mailboxes.ts";
import { builder } from "./builder.ts";
import type { Context } from "./context.ts";
import { endable, readThroughOutages } from "./live.ts";
import { Service } from "./service.ts";

const readSnapshots = (context: Context, wanted: readonly ServiceId[] | "live", signal: AbortSignal): Promise<ServiceSnapshot[]> =>
  readThroughOutages(() => readServiceSnapshots(context.database, context.viewer.project.id, wanted), context, signal);

async function* followService(context: Context, id: ServiceId, signal: AbortSignal): AsyncGenerator<ServiceSnapshot | null> {
  const wakes = context.changes.subscribe(signal);
  let [present] = await readSnapshots(context, [id], signal);
  yield present ?? null;
  if (present === undefined || present.status === "TERMINATED") return;
  for await (const wake of wakes) {
    if (wake !== "everything" && !wake.has(`service:${id}`)) continue;
    const [now] = await readSnapshots(context, [id], signal);
    if (now === undefined) return;
    if (now.fingerprint === present.fingerprint) continue;
    present = now;
    yield present;
    if (present.status === "TERMINATED") return;
  }
}

builder.subscriptionField("service", (t) =>
  t.field({
    type: Service,
    nullable: true,
    description:
      "The whole object at once, then again at every change; ends after the service is TERMINATED. Null once, where there is no such service.",
    args: { id: t.arg.id({ required: true }) },
    subscribe: (_root, args, context) => {
      const id = asId("service", args.id);
      return id === null ? endable(nothing) : endable((signal) => followService(context, id, signal));
    },
    resolve: (service) => service,
  }),
);

// oxlint-disable-next-line require-await
async function* nothing(): AsyncGenerator<null> {
  yield null;
}

type ListChange =
  | { readonly kind: "PRESENT" | "CHANGED"; readonly id: ServiceId; readonly service: ServiceSnapshot }
  | { readonly kind: "READY"; readonly id: null; readonly service: null }
  | { readonly kind: "REMOVED"; readonly id: ServiceId; readonly service: null };

async function* followServices(context: Context, signal: AbortSignal): AsyncGenerator<ListChange> {
  const wakes = context.changes.subscribe(signal);
  const known = new Map<ServiceId, string>();
  for (const service of await readSnapshots(context, "live", signal)) {
    known.set(service.id, service.fingerprint);
    yield { kind: "PRESENT", id: service.id, service };
  }
  yield { kind: "READY", id: null, service: null };
  for await (const wake of wakes) {
    const wanted = wantedBy(wake);
    if (wanted.length === 0) continue;
    const services = await readSnapshots(context, wanted, signal);
    const live = new Map(services.filter((service) => service.status !== "TERMINATED").map((service) => [service.id, service]));
    for (const id of wanted === "live" ? [...known.keys()] : wanted) {
      if (live.has(id) || !known.delete(id)) continue;
      yield { kind: "REMOVED", id, service: null };
    }
    for (const [id, service] of live) {
      if (known.get(id) === service.fingerprint) continue;
      known.set(id, service.fingerprint);
      yield { kind: "CHANGED", id, service };
    }
  }
}

function wantedBy(wake: ChangeSet): readonly ServiceId[] | "live" {
  if (wake === "everything") return "live";
  const prefix = "service:";
  const ids = [...wake].filter((change) => change.startsWith(prefix)).map((change) => asId("service", change.slice(prefix.length)));
  return ids.filter((id) => id !== null);
}

const ServiceListChangeKind = builder.enumType("ServiceListChangeKind", { values: ["PRESENT", "READY", "CHANGED", "REMOVED"] as const });

const ServiceListChange = builder.objectRef<ListChange>("ServiceListChange").implement({
  fields: (t) => ({
    kind: t.expose("kind", { type: ServiceListChangeKind }),
    service: t.field({ type: Service, nullable: true, description: "Where it is PRESENT or CHANGED.", resolve: (change) => change.service }),
    id: t.id({ nullable: true, description: "Of the service; null only for READY.", resolve: (change) => change.id }),
  }),
});

builder.subscriptionField("services", (t) =>
  t.field({
    type: ServiceListChange,
    description:
      "Every service that is not terminated first (kind PRESENT, then one READY), then changes: CHANGED also for a new one, REMOVED when it is TERMINATED.",
    subscribe: (_root, _args, context) => endable((signal) => followServices(context, signal)),
    resolve: (change) => change,
  }),
);
