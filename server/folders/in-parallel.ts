/**
 * Does something with each of many, a few at a time, and gives the results in their order. The first failure ends it, but only once what
 * was begun has ended too: whoever waits closes directories then, and a path through a closed one would lead into whatever has its number next.
 */
export async function inParallel<In, Out>(atOnce: number, items: readonly In[], work: (item: In) => Promise<Out>): Promise<Out[]> {
  const results: Out[] = Array.from({ length: items.length });
  const failures: unknown[] = [];
  let next = 0;
  const workers = Array.from({ length: Math.min(atOnce, items.length) }, async () => {
    while (next < items.length && failures.length === 0) {
      const index = next++;
      try {
        results[index] = await work(items[index] as In);
      } catch (thrown) {
        failures.push(thrown);
      }
    }
  });
  await Promise.all(workers);
  if (failures.length > 0) throw failures[0];
  return results;
}
