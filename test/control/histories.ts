/**
 * Rollouts over random histories: people modify, scale, restart, promote, take back and drain machines while the scheduler does what it likes. At every
 * single action the simulation checks what control itself ends and creates (simulation.ts); here stand the promises about where it all
 * leads. A failing history is printed with its seed and replays.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { createSimulation, type Simulation } from "./simulation.ts";

const share = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom("0%", "25%", "50%", "100%"));
const policy = fc.record({
  maxSurge: share,
  maxUnavailable: share,
  steps: fc.array(fc.record({ weight: fc.constantFrom(0, 10, 50, 100), holdSeconds: fc.nat(20) }), { maxLength: 3 }),
  promote: fc.constant("AUTO" as const),
});
type Wish = (world: Simulation) => void;
const wishes: fc.Arbitrary<Wish> = fc.oneof(
  fc.nat(5).map((count) => (world: Simulation) => world.wish(count)),
  fc.record({ bad: fc.boolean(), policy }).map((how) => (world: Simulation) => world.modify(how)),
  fc.constant((world: Simulation) => world.restart()),
  fc.constant((world: Simulation) => world.rollBack()),
  fc.constant((world: Simulation) => world.promote()),
  fc.constant((world: Simulation) => world.drainMachines()),
  fc.constant((world: Simulation) => world.cancelDrain()),
);
const history = fc.array(fc.record({ wish: wishes, steps: fc.nat(40), misbehaving: fc.boolean() }), { minLength: 1, maxLength: 6 });

function replay(world: Simulation, told: readonly { wish: Wish; steps: number; misbehaving: boolean }[]): void {
  for (const { wish, steps, misbehaving } of told) {
    wish(world);
    world.run(steps, { misbehaving });
  }
}

/** @param count of random histories. */
export function describeHistories(count: number): void {
  test("whatever is asked and whatever happens: once the world is quiet, everybody is on a revision that works, and nothing is left over", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 4 }), history, (seed, first, told) => {
        const world = createSimulation(seed);
        world.wish(first);
        world.run(30, { misbehaving: false });
        replay(world, told);
        world.settle();
        expect(world.mostSessionsOfARoute).toBeLessThanOrEqual(1);
        expect(world.service.rollout).toBeNull();
        // A bad revision stays only where nothing older ever served beside it.
        if (!world.isOnBad) {
          expect(world.healthyOnWish()).toBe(world.service.desiredRouteCount);
          expect(world.sessions()).toBe(world.service.desiredRouteCount);
          expect(world.service.routes.filter(({ leaving }) => leaving)).toEqual([]);
        }
        world.terminate();
        world.settle();
        expect(world.sessions()).toBe(0);
        expect(world.isTerminated).toBe(true);
      }),
      { numRuns: count },
    );
  }, 600_000);

  test("with a seat for each route and strangers who wait for any other, a rollout loses none, and one that fails comes back", () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.record({ bad: fc.boolean(), steps: fc.nat(120) }), { minLength: 1, maxLength: 4 }),
        (seed, seats, told) => {
          const world = createSimulation(seed, seats);
          world.wish(seats);
          world.run(30, { misbehaving: false });
          expect(world.healthy()).toBe(seats);
          world.strangersArrive();
          for (const { bad, steps } of told) {
            world.modify({ bad });
            world.run(steps, { misbehaving: false });
          }
          world.settle();
          expect(world.isOnBad).toBe(false);
          expect(world.healthyOnWish()).toBe(seats);
          expect(world.service.rollout).toBeNull();
        },
      ),
      { numRuns: Math.ceil(count / 3) },
    );
  }, 600_000);

  test("the good revision never stops serving while a bad one is tried, where there is room for both", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 5 }), (seed, desired) => {
        const world = createSimulation(seed);
        world.wish(desired);
        world.run(30, { misbehaving: false });
        world.leastHealthy();
        world.modify({ bad: true });
        world.run(200, { misbehaving: false });
        expect(world.leastHealthy()).toBe(desired);
        expect(world.isOnBad).toBe(false);
        world.modify({ bad: false });
        world.run(200, { misbehaving: false });
        expect(world.leastHealthy()).toBe(desired);
      }),
      { numRuns: Math.ceil(count / 10) },
    );
  }, 600_000);
}
