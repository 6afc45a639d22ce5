/** Does something with each of many, a few at a time, and gives the results in their order. The first failure ends it. */
export async function inParallel<In, Out>(atOnce: number, items: readonly In[], work: (item: In) => Promise<Out>): Promise<Out[]> {
  const results: Out[] = Array.from({ length: items.length });
  let next = 0;
  const workers = Array.from({ length: Math.min(atOnce, items.length) }, async () => {
    while (next < items.length) {
      const index = next++;
      try {
        results[index] = await work(items[index] as In);
      } catch (thrown) {
        next = items.length;
        throw thrown;
      }
    }
  });
  await Promise.all(workers);
  return results;
}
