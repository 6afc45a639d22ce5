/**
 * Seats that are handed on. Nothing is noted of it: which sessions share a seat, and which of them has it, follows from their ids
 * (model/seat.ts), and how far the handing on has come from what each of them notes of itself. So it goes on after any crash.
 */
import type { SessionId } from "../../model/ids.ts";
import { numberInSeat, seatOf } from "../../model/seat.ts";
import { replacedGraceMs } from "../seat.ts";
import type { LocalSession } from "./local-session.ts";

type Seated = Pick<LocalSession, "order" | "progress"> & { readonly session: Pick<LocalSession["session"], "id"> };

const ofSeat = <T extends Seated>(all: readonly T[], id: SessionId): readonly T[] => all.filter(({ session }) => seatOf(session.id) === seatOf(id));

export const earlierInSeat = <T extends Seated>(all: readonly T[], id: SessionId): readonly T[] =>
  ofSeat(all, id).filter(({ session }) => numberInSeat(session.id) < numberInSeat(id));

export const laterInSeat = <T extends Seated>(all: readonly T[], id: SessionId): readonly T[] =>
  ofSeat(all, id).filter(({ session }) => numberInSeat(session.id) > numberInSeat(id));

/**
 * By when it is to end because of those that come after it in its seat; null while it may go on. It may as long as they find no room:
 * what has a place keeps it until then, and what has none waits no longer.
 */
export function endsBy({ progress }: Seated, later: readonly Seated[], now: Date): Date | null {
  if (later.length === 0) return null;
  const stopBy = later.map((one) => one.progress.stopBy).find((one) => one !== null);
  if (stopBy !== undefined) return stopBy;
  const isOver = !progress.placed || later.some((one) => one.progress.placed);
  return isOver ? new Date(now.getTime() + replacedGraceMs) : null;
}
