/**
 * A seat is a place on a machine with its accelerators. A hot swap hands it on: the sessions that had it in turn differ in their
 * number only, `ses_k3v…`, `ses_k3v…-2`, `ses_k3v…-3`. So whose seat a session has can be read off its id, by every process and
 * after every restart, and nothing has to be remembered about it.
 */
import type { SessionId } from "./ids.ts";

const numbered = /^(.+)-([0-9]+)$/;

/** The id of the first session that had the seat. */
export const seatOf = (id: SessionId): SessionId => (numbered.exec(id)?.[1] ?? id) as SessionId;

/** 1 for the first session that had the seat. */
export const numberInSeat = (id: SessionId): number => Number(numbered.exec(id)?.[2] ?? 1);

/** The session that had the seat before this one; null for the first. */
export function previousInSeat(id: SessionId): SessionId | null {
  const number = numberInSeat(id);
  if (number === 1) return null;
  return (number === 2 ? seatOf(id) : `${seatOf(id)}-${number - 1}`) as SessionId;
}

/** The session that takes the seat over from this one. */
export const nextInSeat = (id: SessionId): SessionId => `${seatOf(id)}-${numberInSeat(id) + 1}` as SessionId;
