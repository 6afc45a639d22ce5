/** So many requests of one kind may one user have under way in this process, so that nobody takes its memory or its disk from the others. */
import type { UserId } from "../model/ids.ts";

export type Places = {
  /** Until it is disposed of; null: all are taken. */
  take(userId: UserId): Disposable | null;
};

export function createPlaces(countMax: number): Places {
  const taken = new Map<UserId, number>();
  return {
    take(userId) {
      const before = taken.get(userId) ?? 0;
      if (before >= countMax) return null;
      taken.set(userId, before + 1);
      return {
        [Symbol.dispose]() {
          const after = (taken.get(userId) ?? 1) - 1;
          if (after === 0) taken.delete(userId);
          else taken.set(userId, after);
        },
      };
    },
  };
}
