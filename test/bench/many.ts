/**
 * Control on a real Nomad with as many jobs as one agent carries, beside that Nomad alone. Its tasks are pretended (mocked-nomad.ts).
 * Rounds alternate, each on an agent and a database of its own:
 *   by a loop  registers the jobs that Serai would compile, as many at once as control has turns, until Nomad says that all run;
 *   by Serai   from the start of control, where the services are already wished for, until all routes are HEALTHY.
 */
import { openNomadClient } from "../../server/scheduler/nomad/client.ts";
import { compileJob } from "../../server/scheduler/nomad/job.ts";
import { findNomad } from "../support/nomad.ts";
import { newSession } from "./by-hand.ts";
import { definitionWith, measureControl, type Told } from "./fill-services.ts";
import { mocked, startMockedNomad } from "./mocked-nomad.ts";
import type { Part } from "./part.ts";
import { inSeconds, median } from "./statistics.ts";
import { openEvents } from "../../server/scheduler/nomad/events.ts";

const rounds = 3;
const services = 100;
const routesEach = 3;
const jobs = services * routesEach;
/** As turns of control. */
const atOnce = 16;
const quietMs = 10_000;
const intervalSeconds = 10;

export const many: Part = {
  name: "many",
  missing: () => (findNomad() === null ? "there is no Nomad here; sh test/nomad/build.sh makes one (needs Go)" : null),
  async measure(opened) {
    const loops: number[] = [];
    const serais: Told[] = [];
    for (let round = 0; round < rounds; round++) {
      loops.push(await inRound(opened, byLoop));
      serais.push(await inRound(opened, bySerai));
    }
    const loop = median(loops);
    const of = (figure: (told: Told) => number): number => median(serais.map(figure));
    const start = of(({ startMs }) => startMs);
    return [
      {
        name: `${jobs} jobs by a loop, until Nomad says that all run (median of ${rounds})`,
        figure: inSeconds(loop),
        aim: "Serai at most 1.15 times",
        ratio: "1",
      },
      {
        name: `${services} services of ${routesEach} routes on the same Nomad, until all are HEALTHY`,
        figure: inSeconds(start),
        aim: "",
        ratio: (start / loop).toFixed(2),
      },
      { name: "the same, CPU of control for each route", figure: `${of(({ startCpuMs }) => startCpuMs / jobs).toFixed(1)} ms`, aim: "" },
      { name: "the same, transactions for each route", figure: of(({ perRoute }) => perRoute).toFixed(1), aim: "" },
      { name: "the same, memory of control (RSS)", figure: `${of(({ rssMiB }) => rssMiB).toFixed(0)} MiB`, aim: "" },
      { name: "the same, quiet, probed every 10 s", figure: `${(100 * of(({ cores }) => cores)).toFixed(1)}% of a core`, aim: "" },
    ];
  },
};

/** What is started for a round ends with it, or with the measurement where that is interrupted. */
async function inRound<T>(opened: AsyncDisposableStack, measure: (opened: AsyncDisposableStack) => Promise<T>): Promise<T> {
  const round = opened.use(new AsyncDisposableStack());
  try {
    return await measure(round);
  } finally {
    await round.disposeAsync();
  }
}

async function byLoop(opened: AsyncDisposableStack): Promise<number> {
  const nomad = await startMockedNomad(opened);
  const client = opened.use(openNomadClient({ address: nomad.address }));
  const ending = new AbortController();
  const events = openEvents(client, ending.signal);
  opened.defer(() => ending.abort());
  await events.subscribed;
  const definition = definitionWith(intervalSeconds);
  const context = { installationId: "by-a-loop", megahertzPerCore: 1000 };
  const compiled = Array.from({ length: jobs }, () => mocked(compileJob(newSession("/nowhere", definition), context)));
  const begunAt = performance.now();
  const running = untilAllRun(events);
  const waiting = [...compiled];
  const submit = async (): Promise<void> => {
    for (let job = waiting.pop(); job !== undefined; job = waiting.pop()) await client.send("POST", "/v1/jobs", { Job: job });
  };
  await Promise.all([running, ...Array.from({ length: atOnce }, submit)]);
  return performance.now() - begunAt;
}

async function untilAllRun(events: ReturnType<typeof openEvents>): Promise<void> {
  const running = new Set<string>();
  while (running.size < jobs) {
    await events.woken();
    for (const event of events.take())
      if (event.Topic === "Allocation" && event.Payload.Allocation.ClientStatus === "running") running.add(event.Payload.Allocation.JobID);
  }
}

async function bySerai(opened: AsyncDisposableStack): Promise<Told> {
  const nomad = await startMockedNomad(opened);
  return await measureControl(opened, { services, routesEach, intervalSeconds }, quietMs, nomad.address);
}
