/** How a machine stands, in a word and a sentence, and who has something of it. Pure. */
import type { NodeItemFragment, NodeUserItemFragment } from "../../gql/graphql.ts";
import { counted } from "../../parts/bytes.ts";
import type { Shape, Tone } from "../../parts/status.tsx";

export type NodeState = {
  readonly tone: Tone;
  readonly shape: Shape;
  readonly word: string;
  /** Null where the word says it all. */
  readonly text: string | null;
};

/** Of containers, and of programs on the host. */
const ownDrivers: ReadonlySet<string> = new Set(["docker", "raw_exec"]);

export function stateOf(node: NodeItemFragment): NodeState {
  const { status, wish, users, draining, eligible, seesFolders, drivers } = node;
  if (status === "DOWN") return { tone: "red", shape: "cross", word: "Down", text: "It does not answer. What ran there is started elsewhere." };
  if (status === "DISCONNECTED")
    return { tone: "red", shape: "cross", word: "Disconnected", text: "It cannot be reached; what runs there may go on." };
  if (status === "INITIALIZING") return { tone: "blue", shape: 0.5, word: "Initializing", text: null };
  if (wish !== null && wish.appliedAt === null) {
    const what = wish.kind === "ELIGIBLE" ? "is to take new work again" : "is to take no new work";
    if (wish.problem !== null)
      return { tone: "amber", shape: "warning", word: "Not done yet", text: `It ${what}. ${wish.problem} It is tried again.` };
    return { tone: "blue", shape: 0.25, word: wish.kind === "ELIGIBLE" ? "Becoming eligible" : "Being taken out", text: null };
  }
  const own = users.filter(({ isForeign }) => !isForeign).length;
  const others = users.length - own;
  if (wish?.kind === "DRAINED" && own > 0)
    return {
      tone: "amber",
      shape: "leaving",
      word: "Draining",
      text: `${counted(own, "session")} of Serai still ${own === 1 ? "runs" : "run"} here; ${own === 1 ? "it" : "each"} ends when its successor serves elsewhere.`,
    };
  if (wish?.kind === "DRAINED") {
    const left =
      others === 0 ? "Nothing runs here any more." : `Nothing of Serai runs here; ${counted(others, "other job")} ${others === 1 ? "does" : "do"}.`;
    return { tone: "grey", shape: "ring", word: "Drained", text: `${left} It takes no new work.` };
  }
  if (draining)
    return {
      tone: "amber",
      shape: "leaving",
      word: "Draining",
      text: "Nomad itself drains it: what runs there is stopped before it is started elsewhere.",
    };
  if (!eligible)
    return {
      tone: "grey",
      shape: "ring",
      word: "Ineligible",
      text: `It takes no new work${wish === null ? "" : `, as ${wish.userName} wished`}; what runs there goes on.`,
    };
  if (seesFolders === false)
    return { tone: "amber", shape: "warning", word: "Without folders", text: "It does not see the folders’ files, so no session is placed there." };
  const ill = drivers.find(({ name, detected, healthy }) => ownDrivers.has(name) && detected && !healthy);
  if (ill !== undefined)
    return {
      tone: "amber",
      shape: "warning",
      word: "Driver unhealthy",
      text: `No session is placed there that needs ${ill.name}, which is unhealthy${ill.description === null ? "" : ` (${ill.description.replace(/\.$/, "")})`}.`,
    };
  return { tone: "green", shape: "check", word: "Eligible", text: null };
}

export type Holder = { readonly key: string; readonly name: string; readonly serviceId: string | null; readonly count: number };

/** Services by name, each with its sessions; then what is not told by name, and other people's jobs together. */
export function holdersOf(users: readonly NodeUserItemFragment[]): readonly Holder[] {
  const named = Map.groupBy(
    users.filter(({ isForeign }) => !isForeign),
    ({ serviceId, name }) => serviceId ?? name,
  );
  const own = [...named].map(([key, [first, ...rest]]) => ({
    key,
    name: first?.name ?? key,
    serviceId: first?.serviceId ?? null,
    count: rest.length + 1,
  }));
  const others = users.filter(({ isForeign }) => isForeign).length;
  return [
    ...own.toSorted((one, other) => (one.name < other.name ? -1 : 1)),
    ...(others === 0 ? [] : [{ key: "others", name: others === 1 ? "another job" : "other jobs", serviceId: null, count: others }]),
  ];
}

/** `whisper (2), llama (1)`. */
export const holdersInWords = (holders: readonly Holder[]): string => holders.map(({ name, count }) => `${name} (${count})`).join(", ");
