/** What the engine is asked, and what it answers. */
import type { ProjectId, ResourceGroupId, ServiceId, SessionId } from "../ids.ts";
import type { ComputeNode } from "../observe.ts";
import { noNeeds, type EnvironmentNeeds } from "../environment.ts";
import type { GroupRules, NodeRule } from "../resource-group.ts";
import type { Session, UnplacedFacts } from "../session.ts";
import { needsOf, type Needs } from "./fit.ts";

export const culprits = [
  "NO_NODES",
  "ALL_UNAVAILABLE",
  "DRIVER",
  "FOLDERS",
  "CONSTRAINT",
  "NO_SUCH_DEVICE",
  "DEVICES",
  "MEMORY",
  "CPU",
  "PORTS",
  "NO_LEADER",
  "UNREACHABLE",
  "REFUSED",
  "IMAGE_MISSING",
  "IMAGE_UNAUTHORIZED",
  "REGISTRY_UNREACHABLE",
  "MOUNT_MISSING",
  "OUT_OF_MEMORY",
  "ACTION_FAILED",
  "EXITED",
  "START_FAILED",
  "NEVER_HEALTHY",
  "PROBES_FAILED",
  "LOST",
  "DEFINITION",
  "OTHER",
] as const;
/** The one thing that keeps it from running. */
export type Culprit = (typeof culprits)[number];

/** Something that would help, as the API can do it. `says` is the same for people: "24 GiB would fit now." */
export type Remedy = { readonly says: string } & (
  | { readonly kind: "LOWER_MEMORY" | "RAISE_MEMORY"; readonly memoryGiB: number }
  | { readonly kind: "LOWER_CPU"; readonly cpu: number }
  | { readonly kind: "LOWER_ACCELERATOR_MEMORY"; readonly accelerator: string; readonly memoryGiB: number }
  | { readonly kind: "FEWER_ACCELERATORS"; readonly accelerator: string; readonly count: number }
  | { readonly kind: "OTHER_ACCELERATOR"; readonly accelerator: string; readonly instead: string; readonly count: number }
  | { readonly kind: "STOP_SERVICE"; readonly serviceId: ServiceId }
  /** End one route of it. */
  | { readonly kind: "SCALE_DOWN"; readonly serviceId: ServiceId }
  | { readonly kind: "OTHER_GROUP"; readonly resourceGroupId: ResourceGroupId }
  | { readonly kind: "MAKE_ELIGIBLE"; readonly nodeId: string; readonly nodeName: string }
  /** Once what is wrong outside of Serai has been put right. */
  | { readonly kind: "CLEAR_ERRORS_AND_RETRY" }
);

export type Numbers = Readonly<Record<string, number>>;
export type Explanation = { readonly culprit: Culprit; readonly sentence: string; readonly numbers: Numbers; readonly remedies: readonly Remedy[] };

export type Question = {
  readonly needs: Needs;
  readonly group: NodeRule & { readonly name: string };
  /** What the scheduler said; null where it has not been asked. */
  readonly facts: UnplacedFacts | null;
  /** All machines; null where they could not be read. */
  readonly nodes: readonly ComputeNode[] | null;
  /** Who asks: names of services are told to their own project only. */
  readonly projectId: ProjectId | null;
  readonly serviceId: ServiceId | null;
  /** The seat that it would take over. */
  readonly seat: SessionId | null;
  /** For how many minutes services have had no request, where that is known. */
  readonly idleMinutes: ReadonlyMap<ServiceId, number>;
  /** The other groups that it might go to. */
  readonly otherGroups: readonly GroupRules[];
  /** What its own group offers; null: all that its machines have. */
  readonly offered: GroupRules["acceleratorNames"];
  /** What its environment needs: less than that would be refused. */
  readonly least: EnvironmentNeeds;
};

export const questionOf = (
  session: Pick<Session, "environment" | "resources" | "cluster" | "resourceGroup" | "projectId"> & {
    readonly serviceId: Session["serviceId"] | null;
  },
  facts: UnplacedFacts | null,
): Question => ({
  needs: needsOf(session),
  group: session.resourceGroup,
  facts,
  nodes: facts?.nodes ?? null,
  projectId: session.projectId ?? null,
  serviceId: session.serviceId as ServiceId | null,
  seat: null,
  idleMinutes: new Map(),
  otherGroups: [],
  offered: null,
  least: noNeeds,
});
