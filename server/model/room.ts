/** Which way a rollout can go: beside what serves, in its stead, or not at all. Asked of a scheduler, which is handed in. */
import type { ServiceState } from "./control-state.ts";
import { newId, type RouteId, type SessionId } from "./ids.ts";
import type { Preview } from "./observe.ts";
import { isEnding } from "./route-status.ts";
import { nextInSeat } from "./seat.ts";
import { sessionOf } from "./session-of.ts";
import type { ImageCredentials, Session } from "./session.ts";
import { explain } from "./why.ts";
import { questionOf, type Explanation, type Question } from "./why/question.ts";

/** Whether one more route of what a service should be on would be placed now. */
export type Room =
  | { readonly fits: true }
  | {
      readonly fits: false;
      readonly why: string;
      readonly explanation: Explanation;
      /** Whether it would be placed in the stead of one of the old ones. */
      readonly fitsInPlace: boolean;
    };

/** The machines of a service's routes, but for one of them. */
export const nodesOfOthers = ({ routes }: ServiceState, id: RouteId | null): readonly string[] =>
  [...new Set(routes.flatMap((route) => (route.id === id || route.node === null ? [] : [route.node])))].sort();

/** With whom its image is pulled decides nothing; that somebody has to sign in does: not every machine can. */
const some: ImageCredentials = { username: "", password: "" };

/**
 * Null where what the service should be on cannot run at all: its definition has problems.
 * @param isPrivate whether its image is pulled with credentials.
 */
export async function findRoom(
  service: ServiceState,
  preview: (session: Session) => Promise<Preview>,
  isPrivate: boolean,
  around: Partial<Pick<Question, "idleMinutes" | "otherGroups" | "offered" | "least">> = {},
): Promise<Room | null> {
  const revision = service.revisions.get(service.revisionId);
  if (revision === undefined) return null;
  const opened = { variables: {}, credentials: isPrivate ? some : null };
  const session = (sessionId: SessionId): Session =>
    sessionOf(service, revision, { id: newId("route"), sessionId }, nodesOfOthers(service, null), opened);
  const ask = (sessionId: SessionId): Promise<Preview> => preview(session(sessionId));
  const beside = await ask(newId("session"));
  if (beside.fits) return beside;
  // On a machine that is drained no seat can be handed on.
  const seat = service.routes.find(({ status, node, leaving }) => !isEnding(status) && node !== null && !leaving);
  const inStead = seat === undefined ? beside : await ask(nextInSeat(seat.sessionId));
  const { unplaced } = inStead.fits ? beside : inStead;
  const asked = inStead.fits || seat === undefined ? newId("session") : nextInSeat(seat.sessionId);
  const explanation = explain({ ...questionOf(session(asked), unplaced), seat: inStead.fits ? null : asked, ...around });
  return { fits: false, fitsInPlace: inStead.fits, why: explanation.sentence, explanation };
}
