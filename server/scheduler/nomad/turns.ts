/**
 * One at a time for each key, in the order of asking. Nomad checks the state that a registration builds on, but not that of a
 * stop: without turns, a session that takes a seat in the moment in which the one before is stopped would be stopped with it.
 */
export type Turns = <T>(key: string, action: () => Promise<T>) => Promise<T>;

export function openTurns(): Turns {
  const newest = new Map<string, Promise<void>>();
  return async (key, action) => {
    const before = newest.get(key);
    const { promise, resolve } = Promise.withResolvers<void>();
    newest.set(key, promise);
    try {
      await before;
      return await action();
    } finally {
      if (newest.get(key) === promise) newest.delete(key);
      resolve();
    }
  };
}
