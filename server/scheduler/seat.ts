/** What both schedulers ask of a replacement before they begin. */
import { AppError } from "../failure.ts";
import type { SessionId } from "../model/ids.ts";
import { numberInSeat, seatOf } from "../model/seat.ts";

/** How long a session that was replaced may take to end by itself, unless `stop` says less. */
export const replacedGraceMs = 30_000;

/** Throws AppError INTERNAL where `id` is not a later session of the seat that `old` has. */
export function refuseOtherSeat(old: SessionId, id: SessionId): void {
  if (seatOf(old) === seatOf(id) && numberInSeat(id) > numberInSeat(old)) return;
  throw new AppError("INTERNAL", `session ${id} cannot replace ${old}: it is no later session of the same seat`);
}
