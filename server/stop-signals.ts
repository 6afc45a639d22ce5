/** The operator's wish to stop, as promises: the first signal asks, the second insists. */
export type StopSignals = { readonly asked: Promise<NodeJS.Signals>; readonly askedAgain: Promise<void> };

/** SIGHUP too: a closed terminal must not leave local processes behind. */
const signals: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

export function whenAskedToStop(): StopSignals {
  const first = Promise.withResolvers<NodeJS.Signals>();
  const second = Promise.withResolvers<void>();
  let count = 0;
  for (const signal of signals) {
    process.on(signal, () => {
      count += 1;
      if (count === 1) first.resolve(signal);
      else second.resolve();
    });
  }
  return { asked: first.promise, askedAgain: second.promise };
}
