/** The operator's wish to stop, as promises: the first signal asks, the second insists. */
export type StopSignals = { readonly asked: Promise<NodeJS.Signals>; readonly askedAgain: Promise<void> };

/** npm passes Ctrl-C on to a process that the terminal has told already: the same wish, twice within milliseconds. */
const sameWishMs = 1000;

/** SIGHUP too: a closed terminal must not leave local processes behind. */
const signals: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

export function whenAskedToStop(): StopSignals {
  const first = Promise.withResolvers<NodeJS.Signals>();
  const second = Promise.withResolvers<void>();
  let askedAt: number | null = null;
  for (const signal of signals) {
    process.on(signal, () => {
      askedAt ??= performance.now();
      first.resolve(signal);
      if (performance.now() - askedAt > sameWishMs) second.resolve();
    });
  }
  return { asked: first.promise, askedAgain: second.promise };
}
