import { expect, test } from "vitest";
import { inParallel } from "../../server/folders/in-parallel.ts";

test("a failure is told only when nothing that was begun is still under way, and begins nothing more", async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const { promise: failing, reject } = Promise.withResolvers<never>();
  const { promise: slow, resolve } = Promise.withResolvers<void>();
  let isOver = false;
  const all = inParallel(3, [0, 1, 2, 3, 4, 5], async (item) => {
    begun.push(item);
    await (item === 1 ? failing : slow);
    ended.push(item);
  }).finally(() => (isOver = true));
  all.catch(() => {});
  reject(new Error("the disk says no"));
  await new Promise((done) => setImmediate(done));
  expect([begun, isOver]).toEqual([[0, 1, 2], false]);
  resolve();
  await expect(all).rejects.toThrow("the disk says no");
  expect([begun, ended]).toEqual([
    [0, 1, 2],
    [0, 2],
  ]);
});

test("results come in the order of the items, whichever is done first", async () => {
  const results = await inParallel(2, [3, 1, 2], async (item) => {
    for (let turn = 0; turn < item; turn += 1) await Promise.resolve();
    return item * 10;
  });
  expect(results).toEqual([30, 10, 20]);
});
